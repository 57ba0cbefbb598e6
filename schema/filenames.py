"""What files are called on the user's disk: plain letters, so that no system and no unpacker stumbles."""

import re
import unicodedata

MAX_SLUG = 40


def of_picture(index: int, pose_name: str, format_name: str, extension: str) -> str:
    """Sorts in the order of the generation: `007_arms-crossed_tiktok.jpg`."""
    return f"{index:03d}_{slug(pose_name)}_{format_name}.{extension}"


def of_shared(number: int, extension: str) -> str:
    """Tells nothing of the pose."""
    return f"picture-{number}.{extension}"


def of_archive(generation_id: str) -> str:
    return f"poses_{generation_id}.zip"


def slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:MAX_SLUG].strip("-") or "pose"
