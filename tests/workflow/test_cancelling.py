"""Cancelling and pausing a generation, at whatever moment it comes."""

import pytest
from temporalio.client import Client, WorkflowFailureError
from temporalio.exceptions import CancelledError

from schema.errors import BadImage, Conflict, ProviderRejected, StorageUnavailable
from schema.kinds import GenerationStatus, ItemStatus
from tests.eventually import eventually, until
from tests.workflow.orders import order, started
from tests.workflow.world import World
from workflows.gateway import GenerationGateway

pytestmark = pytest.mark.usefixtures("workers")


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
