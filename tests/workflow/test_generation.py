import asyncio
from datetime import timedelta
from typing import Any

import pytest
from temporalio.client import Client, WorkflowFailureError, WorkflowHandle
from temporalio.exceptions import ApplicationError, CancelledError

from schema import ids
from schema.errors import (
    BadImage,
    Conflict,
    InsufficientCredits,
    ItemError,
    OutputModerated,
    PoseError,
    ProviderAccount,
    ProviderRejected,
    StorageUnavailable,
    Unavailable,
)
from schema.kinds import GenerationStatus, ItemStatus, WebhookEvent
from schema.messages.fates import Outcome
from schema.messages.orders import GenerationInput
from tests.eventually import eventually, until
from tests.workflow.fakes import World
from tests.workflow.orders import order
from workflows import names, policies
from workflows.gateway import GenerationGateway
from workflows.generation import GenerationWorkflow

pytestmark = pytest.mark.usefixtures("workers")


def handle(client: Client, made: GenerationInput) -> WorkflowHandle[GenerationWorkflow, Outcome]:
    return client.get_workflow_handle(made.generation_id, result_type=Outcome)


async def started(
    gateway: GenerationGateway, client: Client, made: GenerationInput
) -> WorkflowHandle[Any, Any]:
    await gateway.start(made, priority_key=3)
    return handle(client, made)


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


@pytest.mark.parametrize("done_before", [0, 3])
async def test_cancelling_refunds_what_was_not_delivered(
    gateway: GenerationGateway, client: Client, world: World, done_before: int
) -> None:
    world.hold_from = done_before
    made = order(poses=6, variations=2)
    run = await started(gateway, client, made)
    await until(lambda: len(world.rows) == done_before and world.running == made.parallelism)
    await gateway.cancel(made.generation_id)
    await gateway.cancel(made.generation_id)
    with pytest.raises(WorkflowFailureError) as failed:
        await run.result()
    assert isinstance(failed.value.cause, CancelledError)
    assert len([row for row in world.rows.values() if row is ItemStatus.COMPLETED]) == done_before
    assert world.refunds == dict.fromkeys(range(done_before, 12), "CANCELLED")
    assert world.cancelled_calls == made.parallelism, "the running calls were told"
    progress = await gateway.progress(made.generation_id)
    assert (progress.status, progress.completed) == (GenerationStatus.CANCELLED, done_before)


async def test_another_seed_is_cancelled_like_the_first(
    gateway: GenerationGateway, client: Client, world: World
) -> None:
    world.fail_store = {0: [BadImage("torn")]}
    world.hold_from, world.hold_after = 0, 1
    made = order(poses=1, variations=1)
    run = await started(gateway, client, made)
    await until(lambda: len(world.seeds.get(0, [])) == 2)
    await gateway.cancel(made.generation_id)
    with pytest.raises(WorkflowFailureError):
        await run.result()
    assert (world.cancelled_calls, world.refunds) == (1, {0: "CANCELLED"})


async def test_cancelling_when_all_is_delivered_is_no_reason_for_anything(
    gateway: GenerationGateway, client: Client, world: World
) -> None:
    world.hold_export = True
    made = order()
    run = await started(gateway, client, made)
    await until(lambda: len(world.exported) == made.total_items)
    await gateway.cancel(made.generation_id)
    world.hold.set()
    outcome = await run.result()
    assert (outcome.status, outcome.completed, outcome.error_code) == ("completed", made.total_items, None)
    assert (await gateway.progress(made.generation_id)).error_code is None
    assert world.refunds == {}


async def test_cancelling_what_is_over_changes_nothing(
    gateway: GenerationGateway, client: Client, world: World
) -> None:
    made = order()
    outcome = await (await started(gateway, client, made)).result()
    await gateway.cancel(made.generation_id)
    assert outcome.status == "completed"
    assert (await gateway.progress(made.generation_id)).status is GenerationStatus.COMPLETED


async def test_pause_starts_nothing_new_and_resume_goes_on(
    gateway: GenerationGateway, client: Client, world: World
) -> None:
    world.hold_from = 0
    made = order(poses=6, variations=2)
    run = await started(gateway, client, made)
    await until(lambda: world.running == made.parallelism)
    await gateway.pause(made.generation_id)
    await gateway.pause(made.generation_id)
    world.hold.set()
    progress = await eventually(
        lambda: gateway.progress(made.generation_id), lambda seen: seen.completed >= made.parallelism
    )
    assert (progress.status, progress.completed) == (GenerationStatus.PAUSED, made.parallelism)
    assert len(world.seeds) == made.parallelism
    await gateway.resume(made.generation_id)
    assert (await run.result()).completed == 12
    assert world.statuses == [GenerationStatus.PAUSED, GenerationStatus.PROCESSING]
    with pytest.raises(Conflict):
        await gateway.pause(made.generation_id)


async def test_a_paused_generation_can_be_cancelled(
    gateway: GenerationGateway, client: Client, world: World
) -> None:
    world.hold_from = 0
    made = order()
    run = await started(gateway, client, made)
    await until(lambda: world.running == made.parallelism)
    await gateway.pause(made.generation_id)
    await gateway.cancel(made.generation_id)
    with pytest.raises(WorkflowFailureError):
        await run.result()
    assert len(world.refunds) == 6


async def test_versions_rise_by_event_and_since_gives_only_what_is_newer(
    gateway: GenerationGateway, client: Client, world: World
) -> None:
    world.fail_generate = {2: [ProviderRejected("no")]}
    made = order()
    await (await started(gateway, client, made)).result()
    progress = await gateway.progress(made.generation_id)
    versions = [item.version for item in progress.items]
    assert progress.started_version == 1
    assert versions == [2, 4, 6, 8, 10, 12], "the counts after each item have the number between"
    assert progress.version == 14 or progress.version > versions[-1]
    newer = await gateway.progress(made.generation_id, since=6)
    assert [item.version for item in newer.items] == [8, 10, 12]
    assert newer.completed == 5


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


async def test_the_operator_can_find_a_run_and_read_it(
    gateway: GenerationGateway, client: Client, world: World
) -> None:
    world.fail_generate = {0: [ProviderRejected("no")]}
    made = order()
    await (await started(gateway, client, made)).result()
    query = (
        "PoseUserId = 'user-1' AND PoseStatus = 'partial' AND PoseItemsFailed = 1 AND PoseDegraded = false"
    )

    async def found() -> list[str]:
        return [run.id async for run in client.list_workflows(query)]

    await eventually(found, lambda ids_: ids_ == [made.generation_id])
    described = await handle(client, made).describe()
    assert await described.static_summary() == "6 items, 1 formats, gallery"


EVERYTHING = tuple(WebhookEvent)


async def test_receivers_are_told_of_each_picture_and_of_the_end(
    gateway: GenerationGateway, client: Client, world: World
) -> None:
    world.fail_generate = {1: [ProviderRejected("no")]}
    await (await started(gateway, client, order(webhook_events=EVERYTHING))).result()
    assert set(world.announced) == {0, 2, 3, 4, 5, None}, "not of what was not delivered"
    assert len(world.announced) == 6
    assert world.announced[-1] is None


async def test_pictures_whose_exports_fail_are_told_of_too(
    gateway: GenerationGateway, client: Client, world: World
) -> None:
    error = StorageUnavailable("full")
    error.final = True
    world.fail_export = error
    await (await started(gateway, client, order(webhook_events=EVERYTHING))).result()
    assert set(world.announced) == {*range(6), None}


@pytest.mark.parametrize(
    ("events", "told"),
    [
        ((), []),
        ((WebhookEvent.GENERATION_COMPLETED,), [None]),
        ((WebhookEvent.GENERATION_FAILED, WebhookEvent.GENERATION_CANCELLED), []),
    ],
)
async def test_nobody_is_told_what_they_did_not_ask_for(
    gateway: GenerationGateway,
    client: Client,
    world: World,
    events: tuple[WebhookEvent, ...],
    told: list[int | None],
) -> None:
    await (await started(gateway, client, order(webhook_events=events))).result()
    assert world.announced == told


@pytest.mark.parametrize("done_before", [0, 3])
async def test_a_cancelled_generation_tells_of_it(
    gateway: GenerationGateway, client: Client, world: World, done_before: int
) -> None:
    world.hold_from = done_before
    made = order(webhook_events=EVERYTHING)
    run = await started(gateway, client, made)
    await until(lambda: len(world.rows) == done_before and world.running > 0)
    await gateway.cancel(made.generation_id)
    with pytest.raises(WorkflowFailureError):
        await run.result()
    assert world.announced[-1] is None
    assert len(world.announced) == done_before + 1


async def test_an_unknown_generation_is_not_found(gateway: GenerationGateway) -> None:
    with pytest.raises(PoseError, match="No such generation"):
        await gateway.progress("gen_none")


async def test_health_tells_who_serves_each_queue(gateway: GenerationGateway) -> None:
    async def pollers() -> list[int]:
        return [queue.pollers for queue in (await gateway.health()).values()]

    await eventually(pollers, lambda seen: seen == [1, 1, 1, 1])


async def test_a_run_with_items_stuck_in_retries_is_degraded_until_they_move(
    gateway: GenerationGateway, client: Client, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policies, "DEGRADED_CHECK", timedelta(seconds=0.2))
    world.hold_from = 5
    made = order()
    run = await started(gateway, client, made)

    async def degraded() -> list[str]:
        return [found.id async for found in client.list_workflows("PoseDegraded = true")]

    await eventually(degraded, lambda found: found == [made.generation_id])
    world.hold.set()
    await run.result()
    await eventually(degraded, lambda found: not found)


async def test_what_fails_while_it_is_cancelled_is_cancelled(
    gateway: GenerationGateway, client: Client, world: World
) -> None:
    """Temporal does not try it again then, and the failure looked like its last one."""
    world.fail_cancelled, world.hold_from = StorageUnavailable("away"), 1
    wanted = order()
    await gateway.start(wanted, priority_key=3)
    await until(lambda: (len(world.rows), world.running) == (1, wanted.parallelism))
    await gateway.cancel(wanted.generation_id)
    with pytest.raises(WorkflowFailureError):
        await client.get_workflow_handle(wanted.generation_id).result()
    assert world.refunds == dict.fromkeys(range(1, 6), "CANCELLED")


async def test_a_cancellation_in_the_middle_of_a_refund_still_ends_in_a_settlement(
    gateway: GenerationGateway, client: Client, world: World
) -> None:
    """A refund that was cancelled too ended the workflow with the money of all other items kept."""
    world.fail_generate, world.hold_refund, world.hold_from = {0: [ProviderRejected("no")]}, True, 1
    wanted = order()
    await gateway.start(wanted, priority_key=3)
    await until(lambda: (world.refunding, world.running) == (1, wanted.parallelism))
    await gateway.cancel(wanted.generation_id)
    await until(lambda: world.cancelled_calls == wanted.parallelism)
    world.hold.set()
    with pytest.raises(WorkflowFailureError):
        await client.get_workflow_handle(wanted.generation_id).result()
    assert world.refunds == {0: "PROVIDER_REJECTED"} | dict.fromkeys(range(1, 6), "CANCELLED")
    assert len(world.settles) == 1
