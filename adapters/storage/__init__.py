"""Where pictures live: one small protocol, a folder or any S3 server behind it.

Writes are atomic and can be repeated; a reader sees a whole object or none.
An object never changes its meaning under its key, so clients may cache it.
"""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

CACHE_CONTROL = "private, max-age=86400, immutable"
"""Sent with every object, whoever serves it."""

MAX_KEY_LENGTH = 512
_KEY = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,199}(/[A-Za-z0-9_][A-Za-z0-9._-]{0,199})*")


class ObjectMissing(LookupError):
    """No object under that key."""


class BadKey(ValueError):
    """No object can ever have that key: a mistake of the caller, or somebody trying doors."""


def check_key(key: str) -> str:
    """Keys are paths of plain names. None begins with a dot: `..` and our own files stay out of reach."""
    if len(key) > MAX_KEY_LENGTH or not _KEY.fullmatch(key):
        raise BadKey(f"not a storage key: {key[:80]!r}")
    return key


def check_prefix(prefix: str) -> str:
    """The beginning of a key, or nothing for all of them."""
    if prefix:
        check_key(prefix.removesuffix("/"))
    return prefix


@dataclass(frozen=True)
class ObjectInfo:
    key: str
    size: int
    modified_at: datetime


class Storage(Protocol):
    """Every method refuses a malformed key with BadKey; a storage in trouble is StorageUnavailable."""

    async def put(self, key: str, data: bytes) -> None: ...

    async def get(self, key: str) -> bytes:
        """Raise ObjectMissing when there is none."""
        ...

    def stream(self, key: str) -> AsyncIterator[bytes]:
        """The object in small parts; ObjectMissing comes before the first. Holds nothing when left early.

        An object that is replaced meanwhile is trouble, never a mixture.
        """
        ...

    async def stat(self, key: str) -> ObjectInfo | None: ...

    async def move(self, source: str, target: str) -> None:
        """Repeatable: a missing source with the target in place counts as done, else ObjectMissing."""
        ...

    async def delete(self, key: str) -> None:
        """Deleting what is not there is no error."""
        ...

    def list(self, prefix: str, *, after: str = "") -> AsyncIterator[ObjectInfo]:
        """In an order of the server's own, beginning behind `after`; holds a page in memory, never all."""
        ...

    def url(self, key: str, *, download_name: str | None = None, until: datetime | None = None) -> str:
        """A signed URL that expires, at `until` at the latest; made without asking any server."""
        ...

    async def check(self) -> None:
        """Make ready what is missing; raise StorageUnavailable when objects cannot be written."""
        ...

    async def close(self) -> None: ...
