"""A call over a connection that others use after it: the connection goes back, also when it is cancelled.

httpcore guards its pool by anyio's scopes, and a task's own cancellation passes through those. At one moment
in thirty the pool would lose a place by it for as long as the process lives, until none is left.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

import anyio

T = TypeVar("T")


async def exchange(call: Coroutine[Any, Any, T]) -> T:
    """Limits of time inside `call` must be anyio's, too."""
    scope = anyio.CancelScope()
    task = asyncio.ensure_future(_within(scope, call))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        scope.cancel()
        await asyncio.wait([task])
        if not task.cancelled():
            task.exception()  # of no use to anybody any more
        raise


async def _within(scope: anyio.CancelScope, call: Coroutine[Any, Any, T]) -> T:
    with scope:
        return await call
    raise asyncio.CancelledError
