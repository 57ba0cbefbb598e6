"""Resumable provider clients against the simulator: jobs are cancelled, or waited for no longer."""

import asyncio

import httpx
import pytest

from adapters.providers import Handle
from schema.errors import ProviderUnavailable
from tests.eventually import eventually
from tests.integration.provider_clients import Open, ask, begun, hits, misbehave, opened, stats
from tests.servers.providers import RESUMABLE

__all__ = ["opened"]


@pytest.mark.parametrize("form", RESUMABLE)
async def test_the_callers_deadline_ends_what_never_would(
    opened: Open, control: httpx.AsyncClient, form: str
) -> None:
    await misbehave(control, "silence", "status", count=None)
    provider = opened(form)
    handle = await begun(provider, ask())
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5):
            await provider.wait(handle)
    assert await hits(control) >= 1


@pytest.mark.parametrize("form", RESUMABLE)
async def test_a_running_job_is_cancelled_and_says_so(
    opened: Open, control: httpx.AsyncClient, form: str
) -> None:
    await misbehave(control, "never_ends")
    provider = opened(form)
    handle = await begun(provider, ask())
    waiting = asyncio.create_task(provider.wait(handle))
    await eventually(lambda: stats(control), lambda seen: seen["in_progress"] == 1)
    await provider.cancel(handle)
    with pytest.raises(ProviderUnavailable):
        await waiting
    counts = await eventually(lambda: stats(control), lambda seen: seen["in_progress"] == 0)
    assert counts["cancelled"] == 1
    await provider.cancel(handle)


@pytest.mark.parametrize("form", RESUMABLE)
async def test_cancelling_takes_from_the_queue_only_its_own(
    opened: Open, control: httpx.AsyncClient, form: str
) -> None:
    await misbehave(control, "never_ends", count=2)
    provider = opened(form)
    running = [await begun(provider, ask(seed)) for seed in (1, 2)]
    queued = [await begun(provider, ask(seed)) for seed in (3, 4)]
    await provider.cancel(queued[0])
    counts = await eventually(lambda: stats(control), lambda seen: seen["in_queue"] == 1)
    assert (counts["in_progress"], counts["cancelled"]) == (2, 1)
    for handle in running:
        await provider.cancel(handle)
    assert (await provider.wait(queued[1])).data


@pytest.mark.parametrize("form", RESUMABLE)
async def test_cancelling_a_finished_or_unknown_job_is_no_error(opened: Open, form: str) -> None:
    provider = opened(form)
    handle = await begun(provider, ask())
    await provider.wait(handle)
    await provider.cancel(handle)
    unknown = handle.model_dump_json().replace(handle.request_id, "x")
    await provider.cancel(Handle.model_validate_json(unknown))
