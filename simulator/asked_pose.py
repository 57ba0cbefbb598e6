"""The pose that a prompt asks for: that of the library whose description it repeats, else a guess."""

from imaging import library
from schema.pose import Keypoints
from simulator import stock_poses

SHORTEST_DESCRIPTION = 20


def choose(prompt: str) -> Keypoints:
    slug = _slug(prompt.lower()) if len(prompt) >= SHORTEST_DESCRIPTION else None
    return library.drafts().built(slug).keypoints if slug else stock_poses.choose(prompt)


def _slug(words: str) -> str | None:
    said = {slug: _said(draft) for slug, draft in library.drafts().by_slug.items()}
    repeated = [slug for slug, description in said.items() if description and description in words]
    return max(repeated, key=lambda slug: len(said[slug]), default=None)


def _said(draft: dict[str, str]) -> str:
    return str(draft.get("description", "")).lower().rstrip(". ")
