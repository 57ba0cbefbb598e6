"""The words a provider gets: the pose, the user's wishes, the avatar, and what makes a picture usable."""

from collections.abc import Iterable

QUALITY = "full body in frame, studio photograph, soft even light, plain backdrop, sharp focus, natural skin"
NEGATIVE = "cropped head, cropped feet, extra limbs, extra fingers, deformed hands, text, watermark, blurry"


def build(pose: str, wishes: str | None, avatar: Iterable[str] = (), *, seen: str = "") -> str:
    """`seen` is the skeleton in words, for a provider that cannot be shown its map."""
    subject = ", ".join(avatar) or "a person"
    parts = [f"{subject}, {pose.rstrip('. ')}", seen, (wishes or "").strip().rstrip("."), QUALITY]
    return ", ".join(part for part in parts if part)
