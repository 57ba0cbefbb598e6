"""Reading an object in parts. Nothing is held open between them: a reader may pause or never come back."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

PART_SIZE = 512 * 1024


@dataclass(frozen=True)
class Part:
    data: bytes
    object_size: int
    version: str
    """What tells the object from another one under the same key."""


async def in_parts(read: Callable[[int, str | None], Awaitable[Part]]) -> AsyncIterator[bytes]:
    """`read` is given where to begin, and the version that it must still find."""
    part = await read(0, None)
    done = len(part.data)
    if done:
        yield part.data
    while done < part.object_size:
        part = await read(done, part.version)
        done += len(part.data)
        yield part.data
