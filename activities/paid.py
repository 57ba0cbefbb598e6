"""A paid call as an activity: what must outlive the worker is in the heartbeat, so nothing is paid twice."""

import asyncio
import time

from temporalio import activity

from activities import heartbeat
from adapters.providers import Answer_co, Request_contra
from adapters.providers.calls import CallState, PaidCalls


async def paid(calls: PaidCalls[Request_contra, Answer_co], request: Request_contra) -> Answer_co:
    """A retry resumes the running request."""
    if not _last_state().handle:
        await heartbeat.confirm()
    try:
        return await calls.run(request, _last_state(), heartbeat.record)
    except asyncio.CancelledError:
        await _cancel_at_provider(calls)
        raise


async def _cancel_at_provider(calls: PaidCalls[Request_contra, Answer_co]) -> None:
    """Only when the user cancelled: a worker that stops or was replaced leaves it to its successor."""
    details = activity.cancellation_details()
    handle = _last_state().handle
    if handle and details and details.cancel_requested:
        await calls.provider.cancel(handle)


def _last_state() -> CallState:
    recorded = heartbeat.latest()
    return CallState.model_validate(recorded) if recorded else CallState(started_at=time.time())
