"""Charged within the workflow task, and by a step of its own where that does not bring it to an end."""

from datetime import UTC, datetime, timedelta

import pytest
from temporalio.client import Client, WorkflowFailureError
from temporalio.exceptions import CancelledError

from schema.errors import InsufficientCredits, Unavailable
from schema.kinds import GenerationStatus
from schema.messages.orders import BoardState, ChargeReceipt, GenerationInput
from tests.replay.commands import fingerprint
from tests.workflow.conftest import serving
from tests.workflow.orders import order
from tests.workflow.world import World
from workflows import names, policies
from workflows.gateway import GenerationGateway
from workflows.generation import GenerationWorkflow

AT_ONCE, STEP = "charge at once", "activity charge on pose-orchestration"


async def commands(client: Client, made: GenerationInput) -> set[str]:
    return fingerprint((await client.get_workflow_handle(made.generation_id).fetch_history()).to_json())


@pytest.mark.usefixtures("workers")
async def test_a_charge_needs_no_step(gateway: GenerationGateway, client: Client, world: World) -> None:
    made = order(poses=1, variations=1)
    await gateway.start(made, priority_key=3)
    assert (await commands(client, made)) & {AT_ONCE, STEP} == {AT_ONCE}
    assert world.charges == 1


@pytest.mark.usefixtures("workers")
async def test_a_refused_one_is_not_tried_again(
    gateway: GenerationGateway, client: Client, world: World
) -> None:
    made, world.refuse = order(), InsufficientCredits("too few")
    with pytest.raises(InsufficientCredits):
        await gateway.start(made, priority_key=3)
    assert (await commands(client, made)) & {AT_ONCE, STEP} == {AT_ONCE}


@pytest.mark.usefixtures("workers")
async def test_where_the_database_is_away_an_operator_sees_it_being_tried(
    gateway: GenerationGateway, client: Client, world: World
) -> None:
    made, world.fail_charge = order(), [Unavailable("away")] * 3
    assert (await gateway.start(made, priority_key=3)).credits_charged == 180
    assert (await commands(client, made)) >= {AT_ONCE, STEP}
    assert world.charges == 1


@pytest.mark.usefixtures("workers")
async def test_one_that_does_not_answer_holds_nothing_up(
    gateway: GenerationGateway, client: Client, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(policies.AT_ONCE, "schedule_to_close_timeout", timedelta(milliseconds=300))
    made, world.stall_charges = order(), 1
    assert (await gateway.start(made, priority_key=3)).credits_charged == 180
    assert (await commands(client, made)) >= {AT_ONCE, STEP}
    assert world.charges == 2, "the second finds what the first has written"


async def cancelled_before_its_first_task(client: Client, world: World, made: GenerationInput) -> None:
    handle = await client.start_workflow(
        GenerationWorkflow.run, made, id=made.generation_id, task_queue=names.ORCHESTRATION
    )
    await handle.cancel()
    async with serving(client, world):
        with pytest.raises(WorkflowFailureError) as ended:
            await handle.result()
    assert isinstance(ended.value.cause, CancelledError)


@pytest.mark.parametrize(("at_once", "charges"), [(True, 1), (False, 0)])
async def test_what_was_cancelled_before_its_first_task_keeps_no_money(
    client: Client, world: World, *, at_once: bool, charges: int
) -> None:
    """A worker may have charged and died before it said so. Nobody knows: it is charged, and given back."""
    await cancelled_before_its_first_task(client, world, order(at_once=at_once))
    assert (world.charges, len(world.settles), len(world.refunds)) == (charges, charges, 6 * charges)


async def test_neither_does_one_that_was_charged_in_an_earlier_run(client: Client, world: World) -> None:
    now, made = datetime.now(UTC), order(at_once=True)
    receipt = ChargeReceipt(
        generation_id=made.generation_id,
        total_items=6,
        credits_charged=180,
        created_at=now,
        estimated_completion_at=now,
    )
    world.total = 6
    carried = BoardState(receipt=receipt, status=GenerationStatus.PROCESSING, version=1, started_version=1)
    await cancelled_before_its_first_task(client, world, made.model_copy(update={"carried": carried}))
    assert (world.charges, len(world.settles), len(world.refunds)) == (0, 1, 6)
