"""Steps that a cancellation must not cut in two."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


async def to_the_end(step: Coroutine[Any, Any, T], on_cancel: Callable[[], None]) -> T:
    """Money moves to the end of its step; a cancellation meanwhile is told, and takes effect after it."""
    try:
        task = asyncio.ensure_future(step)
    except BaseException:  # the workflow leaves this worker's memory: nothing is begun any more
        step.close()
        raise
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            on_cancel()
    return task.result()
