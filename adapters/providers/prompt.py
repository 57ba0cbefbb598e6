"""The words a provider gets: the pose, the user's wishes, the avatar, and what makes a picture usable."""

from collections.abc import Mapping
from typing import Final

QUALITY = "full body in frame, studio photograph, soft even light, plain backdrop, sharp focus, natural skin"
NEGATIVE = "cropped head, cropped feet, extra limbs, extra fingers, deformed hands, text, watermark, blurry"

TRAITS: Final = ("gender", "age_range", "ethnicity", "body_type", "style")
NOUNS: Final = {"female": "woman", "male": "man", "non-binary": "androgynous person"}
YEARS: Final = {"18-24": 21, "25-34": 30, "35-44": 40, "45-54": 50, "55-64": 60, "65+": 70}
"""A model draws an age better than a range."""


def build(pose: str, wishes: str | None, avatar: Mapping[str, str | None], *, seen: str = "") -> str:
    """`avatar` is by the names of TRAITS, and empty for whoever it may be.

    `seen` is the skeleton in words, for a provider that cannot be shown its map.
    """
    parts = [f"{subject(avatar)}, {pose.rstrip('. ')}", seen, (wishes or "").strip().rstrip("."), QUALITY]
    return ", ".join(part for part in parts if part)


def subject(avatar: Mapping[str, str | None]) -> str:
    """A Javanese woman about 30 years old with a slim build, casual style."""
    gender, age, ethnicity, body, style = (avatar.get(name) for name in TRAITS)
    who = _with_article(" ".join(filter(None, (ethnicity, NOUNS.get(gender or "", "person")))))
    if age in YEARS:
        who += f" about {YEARS[age]} years old"
    if body:
        who += f" with {_with_article(_ending(body, 'build', 'body', 'figure', 'physique'))}"
    return f"{who}, {_ending(style, 'style')}" if style else who


def _ending(words: str, noun: str, *others: str) -> str:
    """With a noun at its end, unless it has one."""
    return words if words.lower().endswith((noun, *others)) else f"{words} {noun}"


def _with_article(words: str) -> str:
    first = words.lower()
    vowel = first[0] in "aeiou" and not first.startswith(("eu", "uk", "un", "us", "uy", "uz"))
    return f"{'an' if vowel else 'a'} {words}"
