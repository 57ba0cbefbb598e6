"""Turns a blocking listing into an async one: a page at a time in a thread spares the loop and the memory."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from itertools import islice

from adapters.storage import ObjectInfo

PAGE_SIZE = 1000

Page = tuple[ObjectInfo, ...]


async def pages(
    infos: Iterator[ObjectInfo], run: Callable[[Callable[[], Page]], Awaitable[Page]]
) -> AsyncIterator[ObjectInfo]:
    """`run` carries one blocking call to a thread and maps its errors."""
    while page := await run(lambda: tuple(islice(infos, PAGE_SIZE))):
        for info in page:
            yield info
