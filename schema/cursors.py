"""Opaque cursors of keyset pages: where the last page ended, never how many rows to skip."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime

from schema.errors import ValidationFailed

Place = tuple[datetime, str]
"""When the last row seen was made, and its id: together unique."""


def encode(*parts: str) -> str:
    return urlsafe_b64encode("|".join(parts).encode()).decode().rstrip("=")


def place(cursor: str | None) -> Place | None:
    if cursor is None:
        return None
    try:
        created_at, row_id = _decode(cursor).split("|")
        return datetime.fromisoformat(created_at), row_id
    except ValueError as error:
        raise _bad() from error


def number(cursor: str | None) -> int | None:
    if cursor is None:
        return None
    try:
        found = int(_decode(cursor))
    except ValueError as error:
        raise _bad() from error
    if not 0 <= found < 2**63:
        raise _bad()
    return found


def _decode(cursor: str) -> str:
    text = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    if not text.isprintable():
        raise _bad()
    return text


def _bad() -> ValidationFailed:
    details = [{"path": "cursor", "message": "not a cursor of this list"}]
    return ValidationFailed("The cursor is not valid. Start from the first page.", details=details)
