"""Every activity heartbeats by itself, so a dead worker is noticed within seconds whatever it was doing.

The first beat is left to the activity: what it records goes out at once, while later beats are throttled.
"""

import asyncio
import contextlib
from contextvars import ContextVar
from typing import Any

from temporalio import activity
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

BEAT_S = 1.5

_details: ContextVar[list[Any]] = ContextVar("heartbeat_details")


def record(detail: Any) -> None:
    """Keep this for the next attempt, and send it now."""
    _details.get()[:] = [detail]
    activity.heartbeat(detail)


def latest() -> Any:
    """What this attempt or an earlier one recorded last; None at the very first."""
    details = _details.get()
    return details[0] if details else None


async def _beat(details: list[Any]) -> None:
    while True:
        await asyncio.sleep(BEAT_S)
        activity.heartbeat(*details)


class _Beating(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002 - the SDK's name
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
    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002
        return _Beating(next)
