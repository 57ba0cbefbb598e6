"""Every activity heartbeats by itself, so a dead worker is noticed within seconds whatever it was doing.

The first beat is left to the activity: what it records goes out at once, while later beats are throttled.
"""

import asyncio
import contextlib
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from typing import Any

from temporalio import activity
from temporalio.client import AsyncActivityCancelledError
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

BEAT_S = 1.5
DOUBTFUL_AFTER = timedelta(seconds=2)
"""Below the timeout of a heartbeat: an attempt that began so recently cannot have been given to another."""

_details: ContextVar[list[Any]] = ContextVar("heartbeat_details")


def record(detail: Any) -> None:
    """Keep this for the next attempt, and send it now."""
    _details.get()[:] = [detail]
    activity.heartbeat(detail)


def latest() -> Any:
    """What this attempt or an earlier one recorded last; None at the very first."""
    details = _details.get()
    return details[0] if details else None


async def confirm() -> None:
    """Raises if this attempt counts no longer. To be asked before what must not happen twice: a worker that
    stood still for a while goes on with attempts that others have taken over, even with some it never began.
    """
    info = activity.info()
    if datetime.now(UTC) - info.started_time > DOUBTFUL_AFTER:
        attempt = activity.client().get_async_activity_handle(task_token=info.task_token)
        with contextlib.suppress(AsyncActivityCancelledError):  # the activity is told of it in the usual way
            await attempt.heartbeat(*_details.get())


async def _beat(details: list[Any]) -> None:
    while True:
        await asyncio.sleep(BEAT_S)
        activity.heartbeat(*details)


class _Beating(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002 - the SDK's name
        if activity.info().is_local:  # the server knows of none and waits for its workflow task
            return await super().execute_activity(input)
        details = list(activity.info().heartbeat_details)
        _details.set(details)
        beating = asyncio.create_task(_beat(details))
        try:
            return await super().execute_activity(input)
        finally:
            beating.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await beating


class HeartbeatInterceptor(Interceptor):
    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002 - as above
        return _Beating(next)
