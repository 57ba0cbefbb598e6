"""Ids: a prefix that says what it is, then a ULID, so they sort by time. One function for each kind."""

import hashlib

from ulid import ULID


def _new(prefix: str) -> str:
    return f"{prefix}_{ULID()}".lower()


def generation_id() -> str:
    """Also the workflow id, so an operator pastes it into the Web UI."""
    return _new("gen")


def project_id() -> str:
    return _new("proj")


def avatar_id() -> str:
    return _new("avt")


def pose_id() -> str:
    return _new("pose")


def pose_request_id() -> str:
    return _new("req")


def share_id() -> str:
    return _new("shr")


def file_id() -> str:
    """Of an upload."""
    return _new("file")


def is_file_id(text: str) -> bool:
    return text.startswith("file_")


def background_change_id() -> str:
    """Also its workflow's id."""
    return _new("bg")


def item_id(generation: str, index: int) -> str:
    """Derived, never drawn: a retried activity finds the same item again."""
    return f"item_{generation.removeprefix('gen_')}_{index:03d}"


def message_id(generation: str, event: str, index: int | None = None) -> str:
    """Of a webhook message and of the workflow that sends it. Derived, so receivers know it again."""
    place = "" if index is None else f"_{index:03d}"
    return f"msg_{generation.removeprefix('gen_')}_{event.replace('.', '_')}{place}"


def ping_id() -> str:
    return _new("msg")


def item_seed(seed: int, index: int, attempt: int = 0) -> int:
    """The seed of one picture; `attempt` gives another one after a moderated or broken picture."""
    digest = hashlib.sha256(f"{seed}:{index}:{attempt}".encode()).digest()
    return int.from_bytes(digest[:4]) >> 1
