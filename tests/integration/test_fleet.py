"""Two processes of the API and two workers on one database and Temporal: what they share, what each has."""

import asyncio
import signal
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from temporalio.api.workflow.v1 import PendingActivityInfo

from schema.settings import Settings
from tests.chaos.calls import STARTED, Strike, calls_of, waits_s
from tests.chaos.stream import tell_everything_once
from tests.eventually import eventually
from tests.integration.front_door import Customer
from tests.integration.shop import Shop
from tests.servers.api import api_process
from tests.servers.workers import Process, working
from workflows.pools import GRACE

HELD = {"kind": "error_503", "stage": "status", "count": None}
SLOTS = 2
AGAIN_WITHIN_S = GRACE.total_seconds() + 10
"""After it was told to stop: what it may still finish, and what a busy machine needs to hand over."""


@dataclass
class Fleet:
    shop: Shop
    workers: list[Process]
    doors: list[Customer]
    """The same customer at each API."""


@asynccontextmanager
async def fleet(shop: Shop, settings: Settings) -> AsyncIterator[Fleet]:
    async with (
        working(settings) as one,
        working(settings) as other,
        api_process(settings) as left,
        api_process(settings) as right,
    ):
        await eventually(partial(asking, shop), lambda count: count == 2, within_s=120)
        doors = [Customer.of(settings, url, "ann") for url in (left, right)]
        async with doors[0].http, doors[1].http:
            yield Fleet(shop, [one, other], doors)


async def asking(shop: Shop) -> int:
    return min(queue.pollers for queue in (await shop.gateway.health()).values())


async def worked_on(shop: Shop, generation_id: str) -> set[str]:
    """The processes that have done activities of it."""
    history = await shop.temporal.get_workflow_handle(generation_id).fetch_history()
    started = [event.activity_task_started_event_attributes.identity for event in history.events]
    return {_pid(identity) for identity in started if identity}


def _pid(identity: str) -> str:
    return identity.partition("@")[0]


async def calls(shop: Shop, generation_id: str) -> list[PendingActivityInfo]:
    described = await shop.temporal.get_workflow_handle(generation_id).describe()
    pending = described.raw_description.pending_activities
    return [call for call in pending if call.activity_type.name == "generate_image"]


async def test_slots_are_of_each_worker_and_more_of_them_hold_more_calls(shop: Shop) -> None:
    own = {"flux_concurrency": SLOTS, "flux_call_timeout_s": 120}
    async with fleet(shop, shop.settings.model_copy(update=own)) as fleeting:
        await shop.faults(HELD)
        order = await fleeting.doors[0].start(await shop.poses(8))
        pending = await eventually(
            partial(calls, shop, order),
            lambda seen: sum(call.state == STARTED for call in seen) == 2 * SLOTS and len(seen) == 8,
        )
        held_by = Counter(_pid(call.last_worker_identity) for call in pending if call.state == STARTED)
        assert held_by == {str(worker.pid): SLOTS for worker in fleeting.workers}
        await eventually(shop.submissions, lambda seen: len(seen) == 2 * SLOTS)
        await shop.sim.delete("/_sim/faults")
        assert (await shop.settled(order)).completed == 8


async def test_the_rate_of_calls_is_one_over_all_workers(shop: Shop) -> None:
    """What is slow by itself passes: only two rates at once would be too fast."""
    rate, items = 4, 20
    own = {"flux_max_per_second": rate, "pose_parallelism": items}
    async with fleet(shop, shop.settings.model_copy(update=own)) as fleeting:
        order = await shop.order(items, parallelism=items)
        await shop.start(order)
        assert (await shop.settled(order.generation_id)).completed == items
        assert len(await worked_on(shop, order.generation_id)) == len(fleeting.workers)
    began = sorted(entry["submitted_at"] for entry in await shop.submissions())
    assert (items - 1) / (began[-1] - began[0]) < 1.5 * rate


async def test_workers_replaced_in_turn_lose_nothing_and_both_doors_tell_all(shop: Shop) -> None:
    """Their calls take longer than a stopping worker waits, so each is taken up by another in the middle."""
    items = 4
    settings = shop.settings.model_copy(update={"flux_call_timeout_s": 120})
    async with fleet(shop, settings) as fleeting:
        await shop.faults(HELD)
        poses = await shop.poses(items)
        orders = [await door.start(poses) for door in fleeting.doors]
        await eventually(shop.submissions, lambda log: len(log) == len(orders) * items)
        told = [
            asyncio.create_task(door.followed(order))
            for door, order in zip(reversed(fleeting.doors), orders, strict=True)
        ]
        async with working(settings) as third, working(settings) as fourth:
            await eventually(partial(asking, shop), lambda count: count == 4, within_s=120)
            strikes = [await _replaced(shop, orders, old) for old in fleeting.workers]
            new = {str(worker.pid) for worker in (third, fourth)}
            for order in orders:
                await eventually(
                    partial(calls, shop, order),
                    lambda seen: {_pid(call.last_worker_identity) for call in seen} <= new,
                    within_s=60,
                )
            await shop.sim.delete("/_sim/faults")
            for order, events in zip(orders, told, strict=True):
                assert (await shop.settled(order)).completed == items
                tell_everything_once([await events], items)
    paid = Counter(entry["seed"] for entry in await shop.submissions())
    assert list(paid.values()) == [len(orders)] * items  # the seeds of one order are those of the other
    for order, of_order in zip(orders, zip(*strikes, strict=True), strict=True):
        waits = await waits_s(shop.temporal, order, *of_order)
        assert max(waits) < AGAIN_WITHIN_S, waits
    await shop.books_agree()


async def _replaced(shop: Shop, orders: list[str], old: Process) -> list[Strike]:
    """By those that run already; what it meant to each order."""
    begun = [await calls_of(shop.temporal, order, old.pid) for order in orders]
    told_at = datetime.now(UTC)
    old.send_signal(signal.SIGTERM)
    assert await old.wait() == 0
    return [Strike(told_at, frozenset(call.activity_id for call in each)) for each in begun]
