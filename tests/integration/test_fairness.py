"""A small order does not wait for the end of another user's large one, with few pictures made at once."""

from temporalio.client import Client

from schema import ids
from schema.messages.orders import GenerationInput
from schema.settings import Settings
from tests.eventually import eventually
from tests.integration.shop import Shop
from workflows import worker

AT_ONCE = 2


async def test_a_small_order_overtakes_what_waits_of_another_users_large_one(
    shop: Shop, settings: Settings
) -> None:
    few = settings.model_copy(update={"flux_concurrency": AT_ONCE, "flux_call_timeout_s": 120})
    await shop.welcome("bob", 1_000)
    await shop.faults({"kind": "error_503", "stage": "status", "count": None})
    async with worker.serving(few, shop.temporal):
        large = await shop.order(40, seed=1, parallelism=40)
        small = await shop.order(2, seed=2, user="bob")
        for order in (large, small):
            await shop.start(order)
            await waits(shop.temporal, order)
        await shop.sim.delete("/_sim/faults")
        for order in (large, small):
            await shop.settled(order.generation_id)
    seeds = [submission["seed"] for submission in await shop.submissions()]
    last_of_small = max(seeds.index(ids.item_seed(small.seed, index)) for index in range(small.total_items))
    assert last_of_small < large.total_items / 2, "it waited for most of the large one"


async def waits(temporal: Client, order: GenerationInput) -> None:
    """Until all its calls are waiting for their turn, or under way."""
    run = temporal.get_workflow_handle(order.generation_id)

    async def calls() -> int:
        pending = (await run.describe()).raw_description.pending_activities
        return sum(each.activity_type.name == "generate_image" for each in pending)

    await eventually(calls, lambda seen: seen == order.total_items)
