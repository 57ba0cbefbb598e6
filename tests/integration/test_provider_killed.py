"""A worker is killed with -9 in the middle of a batch, by every provider: what is lost, paid again, refunded.

The simulator draws one picture at a time, and a picture that never ends is put in line behind the first ones:
so the batch stands still with some items delivered, some with the provider and some not begun, however fast
the machine is.
"""

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from typing import Any

import pytest
from pydantic import SecretStr

from adapters.providers.calls import CallState
from schema.kinds import GenerationStatus
from schema.messages.orders import GenerationInput
from schema.settings import Settings
from tests.chaos.calls import calls_of, is_serving
from tests.eventually import eventually
from tests.integration.shop import Shop
from tests.servers.providers import COMFYUI, FAL, HF_FAL, HF_INFERENCE, HF_QUEUE
from tests.servers.simulator import MODEL, body, simulator

ITEMS, AT_ONCE, PRICE = 16, 4, 30
PATIENCE_S = 120
OBSTACLE = "an obstacle"


@pytest.fixture(scope="module")
def simulator_url() -> Iterator[str]:
    with simulator("--latency-s", "0.3", "--concurrency", "1") as url:
        yield url


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Standing still must not count as a provider that is late."""
    return settings.model_copy(update={"flux_call_timeout_s": 150.0})


@contextmanager
def worker_of(settings: Settings) -> Iterator[int]:
    """The pid of a worker in a process of its own; in the end it is killed."""
    given = {name.upper(): _text(getattr(settings, name)) for name in settings.model_fields_set}
    argv = [sys.executable, "-P", "-m", "cli.main", "worker"]
    with subprocess.Popen(argv, env=os.environ | given, cwd=settings.storage_local_path.parent) as process:
        try:
            yield process.pid
        finally:
            process.send_signal(signal.SIGKILL)


def _text(value: Any) -> str:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return json.dumps(value) if isinstance(value, tuple) else str(value)


@asynccontextmanager
async def standstill(shop: Shop, order: GenerationInput) -> AsyncIterator[None]:
    """From the first delivered item until the block ends."""
    await eventually(
        partial(shop.progress, order.generation_id), lambda seen: seen.completed >= 1, within_s=PATIENCE_S
    )
    await shop.faults({"kind": "never_ends", "match": {"prompt": OBSTACLE}})
    ticket = (await shop.sim.post(MODEL, json=body(prompt=OBSTACLE))).json()

    async def state() -> str:
        return str((await shop.sim.get(ticket["status_url"])).json()["status"])

    await eventually(state, lambda seen: seen == "IN_PROGRESS", within_s=PATIENCE_S)
    yield
    await shop.sim.put(ticket["cancel_url"])


async def all_under_way(shop: Shop, order: GenerationInput, pid: int, *, deaths: int = 0) -> None:
    """The worker has as many calls as fit, and of each Temporal knows what a successor must know."""

    async def ready() -> int:
        calls = await calls_of(shop.temporal, order.generation_id, pid)
        decode = shop.temporal.data_converter.decode
        told = [await decode(call.heartbeat_details.payloads) for call in calls]
        states = [CallState.model_validate(detail[0]) for detail in told if detail]
        return sum(bool(state.handle or (state.unanswered and state.unclear == deaths)) for state in states)

    await eventually(ready, lambda count: count == AT_ONCE, within_s=PATIENCE_S)


async def accepted(shop: Shop) -> Counter[int]:
    """How often the provider took on each item, by its seed."""
    return Counter(entry["seed"] for entry in await shop.submissions() if entry["prompt"] != OBSTACLE)


async def all_wait(shop: Shop) -> None:
    """Blocking calls are noted before they leave: now as many as fit stand behind the obstacle."""

    async def waiting() -> int:
        return int((await shop.sim.get("/_sim/stats")).json()["in_queue"])

    await eventually(waiting, lambda count: count == AT_ONCE, within_s=PATIENCE_S)


async def begun(shop: Shop, pid: int) -> GenerationInput:
    """An order waits for no worker that is still starting: a customer would be told to come back."""
    await eventually(partial(is_serving, shop.temporal, pid), bool, within_s=PATIENCE_S)
    order = await shop.order(ITEMS, parallelism=AT_ONCE)
    await shop.start(order)
    return order


@pytest.mark.timeout(400)
@pytest.mark.parametrize("provider_form", [FAL, HF_QUEUE, COMFYUI], indirect=True)
async def test_a_successor_resumes_what_was_begun_and_nothing_is_paid_twice(shop: Shop) -> None:
    with worker_of(shop.settings) as pid:
        order = await begun(shop, pid)
        async with standstill(shop, order):
            await all_wait(shop)
            await all_under_way(shop, order, pid)
            os.kill(pid, signal.SIGKILL)
            assert (await shop.progress(order.generation_id)).completed < ITEMS - AT_ONCE
            with worker_of(shop.settings) as successor:
                await all_under_way(shop, order, successor)
    with worker_of(shop.settings):
        progress = await shop.settled(order.generation_id, within_s=PATIENCE_S)
    assert (progress.status, progress.completed) == (GenerationStatus.COMPLETED, ITEMS)
    assert sorted((await accepted(shop)).values()) == [1] * ITEMS
    await shop.books_agree()


@pytest.mark.timeout(400)
@pytest.mark.parametrize("provider_form", [COMFYUI], indirect=True)
async def test_comfyui_finds_even_what_its_killed_client_never_heard_of(shop: Shop) -> None:
    await shop.faults({"kind": "silence", "stage": "submit", "count": AT_ONCE})
    with worker_of(shop.settings) as pid:
        order = await begun(shop, pid)
        await eventually(partial(accepted, shop), lambda seen: len(seen) == AT_ONCE, within_s=PATIENCE_S)
        os.kill(pid, signal.SIGKILL)
    with worker_of(shop.settings):
        progress = await shop.settled(order.generation_id, within_s=PATIENCE_S)
    assert (progress.completed, sorted((await accepted(shop)).values())) == (ITEMS, [1] * ITEMS)
    await shop.books_agree()


@pytest.mark.timeout(400)
@pytest.mark.parametrize("provider_form", [HF_FAL], indirect=True)
async def test_only_blocking_calls_under_way_are_repeated_and_only_once(shop: Shop) -> None:
    with worker_of(shop.settings) as pid:
        order = await begun(shop, pid)
        async with standstill(shop, order):
            await all_under_way(shop, order, pid)
            await all_wait(shop)
            os.kill(pid, signal.SIGKILL)
    with worker_of(shop.settings):
        progress = await shop.settled(order.generation_id, within_s=PATIENCE_S)
    assert (progress.status, progress.completed) == (GenerationStatus.COMPLETED, ITEMS)
    assert sorted((await accepted(shop)).values()) == [1] * (ITEMS - AT_ONCE) + [2] * AT_ONCE
    await shop.books_agree()


@pytest.mark.timeout(400)
@pytest.mark.parametrize("provider_form", [HF_INFERENCE], indirect=True)
async def test_after_a_second_death_it_is_refunded_rather_than_paid_a_third_time(shop: Shop) -> None:
    with worker_of(shop.settings) as pid:
        order = await begun(shop, pid)
        async with standstill(shop, order):
            await all_under_way(shop, order, pid)
            await all_wait(shop)
            os.kill(pid, signal.SIGKILL)
            with worker_of(shop.settings) as successor:
                await all_under_way(shop, order, successor, deaths=1)
                await eventually(
                    partial(accepted, shop),
                    lambda seen: list(seen.values()).count(2) == AT_ONCE,
                    within_s=PATIENCE_S,
                )
    with worker_of(shop.settings):
        progress = await shop.settled(order.generation_id, within_s=PATIENCE_S)
    assert (progress.status, progress.completed) == (GenerationStatus.PARTIAL, ITEMS - AT_ONCE)
    assert progress.credits_refunded == AT_ONCE * PRICE
    assert sorted((await accepted(shop)).values()) == [1] * (ITEMS - AT_ONCE) + [2] * AT_ONCE
    await shop.books_agree()
