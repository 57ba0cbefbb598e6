"""When the books are reconciled: every quarter of an hour by a schedule, and whenever somebody asks."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Final

from temporalio.api.common.v1 import Payload
from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
    ScheduleUpdate,
    ScheduleUpdateInput,
)
from temporalio.service import RPCError
from ulid import ULID

from schema.errors import Unavailable
from schema.reconciling import Reconcile, Reconciled
from workflows import names, policies
from workflows.client_errors import translated
from workflows.codec import key_of
from workflows.gateway import GenerationGateway
from workflows.reconcile import ReconcileWorkflow

EVERY: Final = timedelta(minutes=15)
SUMMARY: Final = "books and Temporal"


async def require_readable(client: Client) -> None:
    """Raises Unreadable where this namespace is sealed with keys that we lack: a worker without them would
    only use up the attempts of everybody's work. The schedule, which every namespace has, stands for all.
    """
    with suppress(RPCError):  # not there yet, or Temporal is away: then nothing is known
        there = (await client.get_schedule_handle(names.RECONCILE).describe()).schedule
        await client.data_converter.decode(_sealed_order(there))


async def schedule(client: Client) -> None:
    """As this version of the code wants it, however often it is asked for. A paused one stays paused.

    Sealed with the key that seals now, so an older one is needed only for the runs it has sealed.
    """
    sealing = await client.data_converter.encode([{}])

    def brought_up_to_date(told: ScheduleUpdateInput) -> ScheduleUpdate | None:
        """None when it is so already: an update could undo a pause of the same moment."""
        there, wanted = told.description.schedule, _wanted()
        keys = [key_of(payload) for payload in (*_sealed_order(there), *sealing)]
        if _essence(there) == _essence(wanted) and len(set(keys)) == 1:
            return None
        wanted.state = there.state
        return ScheduleUpdate(wanted)

    try:
        await client.create_schedule(names.RECONCILE, _wanted())
    except ScheduleAlreadyRunningError:
        await client.get_schedule_handle(names.RECONCILE).update(brought_up_to_date)


def _sealed_order(of: Schedule) -> Sequence[Payload]:
    return [argument for argument in _action(of).args if isinstance(argument, Payload)]


def _essence(of: Schedule) -> tuple[object, ...]:
    every, action = [interval.every for interval in of.spec.intervals], _action(of)
    return every, of.policy, action.workflow, action.id, action.task_queue, action.task_timeout


def _action(of: Schedule) -> ScheduleActionStartWorkflow:
    assert isinstance(of.action, ScheduleActionStartWorkflow)
    return of.action


def _wanted() -> Schedule:
    return Schedule(
        action=ScheduleActionStartWorkflow(
            "ReconcileWorkflow",
            {},  # as usual, whatever that is in the version that runs it
            id=names.RECONCILE,
            task_queue=names.ORCHESTRATION,
            task_timeout=policies.WORKFLOW_TASK,
            static_summary=SUMMARY,
        ),
        spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every=EVERY)]),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=EVERY),
    )


async def run_now(client: Client, order: Reconcile) -> Reconciled:
    """A round of its own, which may run beside one of the schedule."""
    await _require_workers(client)
    async with translated():
        return await client.execute_workflow(
            ReconcileWorkflow.run,
            order,
            id=f"{names.RECONCILE}-now-{ULID()}",
            task_queue=names.ORCHESTRATION,
            task_timeout=policies.WORKFLOW_TASK,
            static_summary=SUMMARY,
        )


async def _require_workers(client: Client) -> None:
    health = await GenerationGateway(client).health()
    if not health[names.ORCHESTRATION].pollers:
        raise Unavailable(f"No worker serves {names.ORCHESTRATION}. Start one with: posegen worker")
