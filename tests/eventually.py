"""Waiting for a condition instead of sleeping for a time."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


async def eventually(
    look: Callable[[], Awaitable[T]], is_it: Callable[[T], bool], *, within_s: float = 20
) -> T:
    """What `look` sees once it is so; fails with the last thing seen."""
    deadline = time.monotonic() + within_s
    while not is_it(seen := await look()):
        assert time.monotonic() < deadline, f"not within {within_s} s; last seen: {seen!r}"
        await asyncio.sleep(0.02)
    return seen


async def until(condition: Callable[[], bool], *, within_s: float = 20) -> None:
    async def look() -> bool:
        return condition()

    await eventually(look, bool, within_s=within_s)
