"""Two processes of the API and two workers on one database and Temporal: what they share, what each has."""

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

from temporalio.api.workflow.v1 import PendingActivityInfo

from schema.settings import Settings
from tests.chaos.calls import STARTED
from tests.eventually import eventually
from tests.integration.front_door import Customer
from tests.integration.shop import Shop
from tests.servers.api import api_process
from tests.servers.workers import Process, working

HELD = {"kind": "error_503", "stage": "status", "count": None}
SLOTS = 2


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
        held_by = Counter(
            call.last_worker_identity.partition("@")[0] for call in pending if call.state == STARTED
        )
        assert held_by == {str(worker.pid): SLOTS for worker in fleeting.workers}
        await eventually(shop.submissions, lambda seen: len(seen) == 2 * SLOTS)
        await shop.sim.delete("/_sim/faults")
        assert (await shop.settled(order)).completed == 8
