"""Workflows terminated or lost: one round ends what waited for them, and nothing else."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial

import pytest
from temporalio.client import Client, ScheduleActionExecutionStartWorkflow, ScheduleDescription
from ulid import ULID

from schema.messages.orders import GenerationInput
from schema.reconciling import Reconcile, Reconciled
from schema.tables import BackgroundChange, User
from tests.eventually import eventually
from tests.integration.lost_workflows import DESK, NOW, begun, broken, desk, lose, round_now, terminate
from tests.integration.shop import Shop
from tests.orders import change_order, deliver, refund_change, settle
from workflows import names, rounds, standing, worker
from workflows.reconcile import ReconcileWorkflow

__all__ = ["desk"]

Loss = Callable[[Client, str], Awaitable[None]]


async def balance(shop: Shop, user: str = "ann") -> int:
    async with shop.database.transaction() as session:
        return (await session.get_one(User, user)).balance_credits


@pytest.mark.parametrize("loss", [terminate, lose])
async def test_what_was_delivered_stays_and_the_rest_is_refunded(desk: Shop, loss: Loss) -> None:
    before = await balance(desk)
    order, alive = await begun(desk), await begun(desk)
    await loss(desk.temporal, order.generation_id)
    assert await broken(desk) == {"an unsettled generation has a running workflow"}
    done = await round_now(desk)
    assert (done.generations, done.credits_refunded, done.named) == (1, 60, (order.generation_id,))
    assert (done.asked, done.not_repaired, done.repaired) == (2, 0, 1)
    row = await desk.generation(order.generation_id)
    assert (row.status, row.error_code, row.poses_completed, row.poses_failed) == ("partial", "STOPPED", 1, 2)
    assert [item.status for item in await desk.items(order.generation_id)] == [
        "completed",
        "failed",
        "failed",
    ]
    assert await balance(desk) == before - 30 - 90
    assert (await desk.generation(alive.generation_id)).settled_at is None
    await desk.books_agree()
    assert (await round_now(desk)).repaired == 0


async def test_a_late_picture_of_a_lost_generation_is_not_delivered(desk: Shop) -> None:
    order = await begun(desk)
    await terminate(desk.temporal, order.generation_id)
    await round_now(desk)
    assert not await deliver(desk.database, order, 2)
    await desk.books_agree()


async def test_ids_of_events_go_on_growing(desk: Shop) -> None:
    """Whatever the lost workflow had told its watchers."""
    order = await begun(desk)
    told = (await desk.gateway.progress(order.generation_id)).version
    await terminate(desk.temporal, order.generation_id)
    await round_now(desk)
    assert (await desk.progress(order.generation_id)).version > told + 1000


async def test_one_that_is_alive_is_never_touched(desk: Shop) -> None:
    """However long nobody makes its pictures: Temporal is asked, whatever the clock says."""
    order = await begun(desk, delivered=0, items=2)
    for _ in range(3):
        assert (await round_now(desk)).repaired == 0
    async with worker.serving(desk.settings, desk.temporal, (names.FLUX, names.IMAGES)):
        ended = await desk.settled(order.generation_id)
    assert (ended.status, ended.completed) == ("completed", 2)
    await desk.books_agree()


async def test_a_round_does_not_race_a_start(desk: Shop) -> None:
    order = await begun(desk)
    await terminate(desk.temporal, order.generation_id)
    assert (await rounds.run_now(desk.temporal, Reconcile())).generations == 0
    assert (await round_now(desk)).generations == 1


async def test_rounds_at_once_settle_once(desk: Shop) -> None:
    before = await balance(desk)
    orders = [await begun(desk, items=2) for _ in range(5)]
    for order in orders:
        await terminate(desk.temporal, order.generation_id)
    await asyncio.gather(*(round_now(desk) for _ in range(3)))
    assert await balance(desk) == before - 5 * 30
    await desk.books_agree()


async def test_a_round_killed_in_the_middle_is_finished(shop: Shop) -> None:
    """Its worker ends, then the round itself is terminated; the next one does what is left."""
    orders = []
    async with worker.serving(shop.settings, shop.temporal, DESK):
        for _ in range(24):
            orders.append(await begun(shop, delivered=0, items=1))
            await terminate(shop.temporal, orders[-1].generation_id)
        handle = await shop.temporal.start_workflow(
            ReconcileWorkflow.run, NOW, id=f"reconcile-{ULID()}", task_queue=names.ORCHESTRATION
        )
        await until_settled(shop, orders, 1)
    left = await unsettled(shop, orders)
    await handle.terminate("in the middle")
    async with worker.serving(shop.settings, shop.temporal, DESK):
        done = await round_now(shop)
    assert done.generations == left
    assert await unsettled(shop, orders) == 0
    await shop.books_agree()


async def unsettled(shop: Shop, orders: list[GenerationInput]) -> int:
    rows = [await shop.generation(order.generation_id) for order in orders]
    return sum(row.settled_at is None for row in rows)


async def until_settled(shop: Shop, orders: list[GenerationInput], count: int) -> None:
    await eventually(partial(unsettled, shop, orders), lambda left: left <= len(orders) - count)


async def test_a_lost_background_is_given_back(desk: Shop) -> None:
    order = await begun(desk, items=1)
    await settle(desk.database, order)
    await terminate(desk.temporal, order.generation_id)
    before = await balance(desk)
    wanted = change_order(order)
    await desk.gateway.change_background(wanted, priority_key=3)
    assert await balance(desk) == before - 10
    assert (await round_now(desk)).repaired == 0, "it runs"
    await terminate(desk.temporal, wanted.change_id)
    assert await broken(desk) == {"a pending background change has a running workflow"}
    done = await round_now(desk)
    assert (done.backgrounds, done.credits_refunded) == (1, 10)
    assert await balance(desk) == before
    async with desk.database.transaction() as session:
        row = await session.get_one(BackgroundChange, wanted.change_id)
    assert (row.status, row.error_code) == ("failed", "STOPPED")
    await desk.books_agree()


async def test_the_audit_names_workflows_that_outlive_their_end(desk: Shop) -> None:
    order = await begun(desk, items=1)
    await settle(desk.database, order)
    wanted = change_order(order)
    await desk.gateway.change_background(wanted, priority_key=3)
    await refund_change(desk.database, wanted)
    overdue = set(standing.OVERDUE.values())
    await eventually(partial(broken, desk), lambda found: found == overdue)
    for workflow_id in (order.generation_id, wanted.change_id):
        await terminate(desk.temporal, workflow_id)
    await eventually(partial(broken, desk), lambda found: found == set())


def _every(wanted: timedelta, seen: ScheduleDescription) -> bool:
    return [each.every for each in seen.schedule.spec.intervals] == [wanted]


async def test_the_schedule_is_made_once_and_a_paused_one_stays_so(
    desk: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = await begun(desk)
    await terminate(desk.temporal, order.generation_id)
    await asyncio.gather(*(rounds.schedule(desk.temporal) for _ in range(4)))
    handle = desk.temporal.get_schedule_handle(names.RECONCILE)
    await handle.pause(note="by hand")
    await eventually(handle.describe, lambda seen: seen.schedule.state.paused)
    for other in (timedelta(hours=2), rounds.EVERY):
        monkeypatch.setattr(rounds, "EVERY", other)
        for _ in range(2):
            await rounds.schedule(desk.temporal)
        described = await eventually(handle.describe, partial(_every, other))
        assert (described.schedule.state.paused, described.schedule.state.note) == (True, "by hand")
    await handle.trigger()
    ran = await eventually(handle.describe, lambda seen: bool(seen.info.recent_actions))
    action = ran.info.recent_actions[0].action
    assert isinstance(action, ScheduleActionExecutionStartWorkflow)
    scheduled = desk.temporal.get_workflow_handle(action.workflow_id, result_type=Reconciled)
    done: Reconciled = await scheduled.result()
    assert (done.asked, done.generations) == (0, 0), "it began less than its grace time ago"


async def test_an_operator_sees_what_a_round_did(desk: Shop) -> None:
    order = await begun(desk)
    await terminate(desk.temporal, order.generation_id)
    await round_now(desk)
    query = "WorkflowType = 'ReconcileWorkflow' AND PoseStatus = 'repaired'"

    async def found() -> list[str]:
        return [run.id async for run in desk.temporal.list_workflows(query)]

    (round_id,) = await eventually(found, lambda ids: len(ids) == 1)
    history = await desk.temporal.get_workflow_handle(round_id).fetch_history()
    summaries = [event.user_metadata.summary.data.decode() for event in history.events]
    assert any(f"{order.generation_id}: workflow stopped" in summary for summary in summaries)
    details = await desk.temporal.get_workflow_handle(round_id).query("__temporal_workflow_metadata")
    assert f"| named | {order.generation_id} |" in str(details)
