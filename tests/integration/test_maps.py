"""A pose's map is drawn once, for whoever orders it first; nobody takes a step for one that is there."""

import asyncio
from collections import Counter

import pytest

from activities.plan import PlanActivities
from adapters.maps import PoseMaps
from adapters.providers.factory import open_provider
from adapters.storage import ObjectInfo, Storage
from schema.errors import StorageUnavailable
from schema.kinds import ItemStatus
from schema.messages.orders import GenerationInput, Plan, Treatment
from tests.integration.shop import Shop


async def steps(shop: Shop, order: GenerationInput) -> Counter[str]:
    """How often each activity was called for it."""
    history = await shop.temporal.get_workflow_handle(order.generation_id).fetch_history()
    called = (event.activity_task_scheduled_event_attributes.activity_type.name for event in history.events)
    return Counter(filter(None, called))


async def planned(shop: Shop, storage: Storage, order: GenerationInput) -> Plan:
    able = open_provider(shop.settings).capabilities
    maps = PoseMaps(storage, width=shop.settings.flux_width, height=shop.settings.flux_height)
    return await PlanActivities(shop.database, maps, able, Treatment()).plan(order)


async def test_what_was_drawn_for_one_order_is_found_by_the_next(open_shop: Shop) -> None:
    first, second = await open_shop.order(3), await open_shop.order(4)
    for order in (first, second):
        assert (await open_shop.settled(await open_shop.start(order))).completed == len(order.picks)
    assert (await steps(open_shop, first))["prepare_controlnet"] == 3
    assert (await steps(open_shop, second))["prepare_controlnet"] == 1, "only the fourth pose is new"
    of_first, of_second = [await open_shop.items(order.generation_id) for order in (first, second)]
    assert [item.map_key for item in of_second[:3]] == [item.map_key for item in of_first]
    assert {entry["posed_by_map"] for entry in await open_shop.submissions()} == {True}


async def test_a_map_that_was_lost_is_drawn_again(open_shop: Shop) -> None:
    orders = [await open_shop.order(1), await open_shop.order(1)]
    for order in orders:
        await open_shop.settled(await open_shop.start(order))
        (item,) = await open_shop.items(order.generation_id)
        assert (item.status, bool(item.map_key)) == (ItemStatus.COMPLETED, True)
        await open_shop.storage.delete(str(item.map_key))
    assert [(await steps(open_shop, order))["prepare_controlnet"] for order in orders] == [1, 1]


class Absent:
    """A storage that fails at once, or never answers."""

    def __init__(self, *, silent: bool) -> None:
        self._silent = silent

    async def stat(self, key: str) -> ObjectInfo | None:
        if self._silent:
            await asyncio.Event().wait()
        raise StorageUnavailable(f"no answer about {key}")


@pytest.mark.parametrize("silent", [False, True])
async def test_a_storage_in_trouble_keeps_no_plan_waiting(
    open_shop: Shop, monkeypatch: pytest.MonkeyPatch, *, silent: bool
) -> None:
    order = await open_shop.order(2)
    await open_shop.settled(await open_shop.start(order))
    found = await planned(open_shop, open_shop.storage, order)
    assert all(pose.map_key for pose in found.poses)
    monkeypatch.setattr("activities.plan.MAPS_WITHIN_S", 0.05)
    unknown = await planned(open_shop, Absent(silent=silent), order)  # type: ignore[arg-type]  # asked for nothing else
    assert [pose.model_copy(update={"map_key": None}) for pose in found.poses] == list(unknown.poses)
    assert all(pose.guided for pose in unknown.poses), "a step of its own looks again, and waits"
