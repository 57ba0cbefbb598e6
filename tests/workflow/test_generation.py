"""A generation on a real server: what it charges for, makes, delivers and gives back."""

import asyncio

import pytest
from temporalio.client import Client, WorkflowFailureError
from temporalio.exceptions import ApplicationError

from schema import ids
from schema.errors import (
    BadImage,
    InsufficientCredits,
    ItemError,
    OutputModerated,
    ProviderAccount,
    ProviderRejected,
    StorageUnavailable,
    Unavailable,
)
from schema.messages.orders import GenerationInput
from tests.workflow.orders import handle, order, started
from tests.workflow.world import World
from workflows import names, policies
from workflows.gateway import GenerationGateway
from workflows.generation import GenerationWorkflow

pytestmark = pytest.mark.usefixtures("workers")


async def test_delivers_every_item_and_answers_the_charge(
    gateway: GenerationGateway, client: Client, world: World
) -> None:
    made = order(poses=5, variations=2)
    receipt = await gateway.start(made, priority_key=3)
    assert (receipt.total_items, receipt.credits_charged) == (10, 300)
    outcome = await handle(client, made).result()
    assert (outcome.status, outcome.completed, outcome.credits_refunded) == ("completed", 10, 0)
    assert sorted(world.rows) == list(range(10))
    assert sorted(world.maps) == [0, 1, 2, 3, 4], "one map a pose, whatever its variations"
    assert {world.seeds[n][0] for n in range(10)} == {ids.item_seed(7, n) for n in range(10)}
    assert len(world.exported) == 10
    assert world.most_running <= made.parallelism


async def test_only_maps_that_are_not_drawn_yet_are_prepared(
    gateway: GenerationGateway, client: Client, world: World
) -> None:
    world.drawn = {0, 2}
    await (await started(gateway, client, order(poses=4, variations=2))).result()
    assert sorted(world.maps) == [1, 3]
    assert sorted(map(str, world.guides)) == sorted(f"controlnet/{n}.png" for n in range(4) for _ in range(2))


async def test_the_same_order_again_is_one_generation_and_one_charge(
    gateway: GenerationGateway, client: Client, world: World
) -> None:
    made = order()
    receipts = await asyncio.gather(*(gateway.start(made, priority_key=3) for _ in range(20)))
    await handle(client, made).result()
    again = await gateway.start(made, priority_key=3)
    assert {receipt.model_dump_json() for receipt in [*receipts, again]} == {again.model_dump_json()}
    assert world.charges == 1


async def test_a_refused_charge_is_an_answer_not_a_red_workflow(
    gateway: GenerationGateway, client: Client, world: World
) -> None:
    world.refuse = InsufficientCredits("Insufficient credits. Required: 180, Available: 50")
    made = order()
    for _ in range(2):
        with pytest.raises(InsufficientCredits, match="Required: 180, Available: 50"):
            await gateway.start(made, priority_key=3)
    outcome = await handle(client, made).result()
    assert (outcome.status, outcome.error_code) == ("refused", "INSUFFICIENT_CREDITS")
    assert not world.rows
    assert not world.settles


async def unasked(client: Client, made: GenerationInput) -> None:
    """It ran to its end, and nobody had asked whether it was accepted."""
    run = await client.start_workflow(
        GenerationWorkflow.run, made, id=made.generation_id, task_queue=names.ORCHESTRATION
    )
    await run.result()


async def test_an_order_that_was_refused_before_anybody_asked_is_refused_again(
    gateway: GenerationGateway, client: Client, world: World
) -> None:
    """Temporal died with the question and kept the order: whoever repeated it got a 500 for ever."""
    world.refuse = InsufficientCredits("Insufficient credits. Required: 180, Available: 50")
    made = order()
    await unasked(client, made)
    with pytest.raises(InsufficientCredits, match="anew"):
        await gateway.start(made, priority_key=3)


async def test_an_order_that_ended_otherwise_before_anybody_asked_is_asked_for_again(
    gateway: GenerationGateway, client: Client
) -> None:
    made = order()
    await unasked(client, made)
    with pytest.raises(Unavailable, match="Repeat"):
        await gateway.start(made, priority_key=3)


async def test_an_item_that_fails_for_good_is_refunded_and_the_rest_delivered(
    gateway: GenerationGateway, client: Client, world: World
) -> None:
    world.fail_generate = {1: [ProviderRejected("no")]}
    made = order()
    outcome = await (await started(gateway, client, made)).result()
    assert (outcome.status, outcome.completed, outcome.failed) == ("partial", 5, 1)
    assert world.refunds == {1: "PROVIDER_REJECTED"}
    assert outcome.credits_refunded == 30


@pytest.mark.parametrize("error", [OutputModerated("dark"), BadImage("torn")])
@pytest.mark.parametrize("where", ["fail_generate", "fail_store"])
async def test_a_withheld_or_broken_picture_gets_one_other_seed(
    gateway: GenerationGateway, client: Client, world: World, error: ItemError, where: str
) -> None:
    setattr(world, where, {0: [error], 1: [error, error]})
    outcome = await (await started(gateway, client, order())).result()
    assert (outcome.completed, world.refunds) == (5, {1: error.code})
    assert world.seeds[0] == world.seeds[0][:2] == [ids.item_seed(7, 0, 0), ids.item_seed(7, 0, 1)]
    assert len(world.seeds[1]) == policies.MAXIMUM_SEEDS


async def test_an_empty_provider_account_stops_the_batch(
    gateway: GenerationGateway, client: Client, world: World
) -> None:
    world.fail_generate = {n: [ProviderAccount("empty")] for n in range(4)}
    made = order(poses=10, variations=2)
    with pytest.raises(WorkflowFailureError) as failed:
        await (await started(gateway, client, made)).result()
    cause = failed.value.cause
    assert isinstance(cause, ApplicationError)
    assert cause.type == "PROVIDER_ACCOUNT"
    assert len(world.seeds) < 20, "calls that would fail too are not made"
    assert world.refunds == dict.fromkeys(range(20), "PROVIDER_ACCOUNT")


async def test_exports_that_fail_do_not_take_the_item(
    gateway: GenerationGateway, client: Client, world: World
) -> None:
    error = StorageUnavailable("full")
    error.final = True
    world.fail_export = error
    outcome = await (await started(gateway, client, order())).result()
    assert (outcome.status, outcome.completed) == ("completed", 6)


async def test_a_long_history_is_continued_as_new_without_a_gap(
    gateway: GenerationGateway, client: Client, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policies, "CONTINUE_AT_EVENTS", 120)
    made = order(poses=20, variations=2)
    run = await started(gateway, client, made)
    outcome = await run.result()
    assert (outcome.status, outcome.completed, outcome.credits_charged) == ("completed", 40, 1200)
    assert world.charges == 1
    assert all(len(seeds) == 1 for seeds in world.seeds.values()), "nothing was made twice"
    progress = await gateway.progress(made.generation_id)
    versions = [item.version for item in progress.items]
    assert versions == list(range(2, 2 + 2 * 40, 2))
    runs = [run async for run in client.list_workflows(f"WorkflowId = '{made.generation_id}'")]
    assert len(runs) > 1
