"""Where pictures live: one small protocol, a folder or any S3 server behind it.

Writes are atomic and can be repeated; a reader sees a whole object or none.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


class ObjectMissing(LookupError):
    """No object under that key."""


@dataclass(frozen=True)
class ObjectInfo:
    key: str
    size: int
    modified_at: datetime


class Storage(Protocol):
    async def put(self, key: str, data: bytes) -> None: ...

    async def get(self, key: str) -> bytes:
        """Raise ObjectMissing when there is none."""
        ...

    async def stat(self, key: str) -> ObjectInfo | None: ...

    async def move(self, source: str, target: str) -> None:
        """Repeatable: a missing source with the target in place counts as done, else ObjectMissing."""
        ...

    async def delete(self, key: str) -> None:
        """Deleting what is not there is no error."""
        ...

    def list(self, prefix: str) -> AsyncIterator[ObjectInfo]: ...

    def url(self, key: str, *, download_name: str | None = None) -> str:
        """A signed URL that expires; made without asking any server."""
        ...

    async def check(self) -> None:
        """Raise StorageUnavailable when objects cannot be written."""
        ...

    async def close(self) -> None: ...
