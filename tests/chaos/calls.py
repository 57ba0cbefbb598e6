"""The provider calls of a generation, as the Temporal server sees them while workers come and go."""

from dataclasses import dataclass
from datetime import UTC, datetime

from temporalio.api.enums.v1 import PendingActivityState, TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflow.v1 import PendingActivityInfo
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client

from workflows import names

STARTED = PendingActivityState.PENDING_ACTIVITY_STATE_STARTED


@dataclass(frozen=True)
class Strike:
    at: datetime
    interrupted: frozenset[str]
    """The calls that the worker left unfinished, by activity id."""


async def pending(temporal: Client, generation_id: str) -> list[PendingActivityInfo]:
    """Those that have not ended, whoever has begun them."""
    described = await temporal.get_workflow_handle(generation_id).describe()
    calls = described.raw_description.pending_activities
    return [call for call in calls if call.activity_type.name == "generate_image"]


async def calls_of(temporal: Client, generation_id: str, pid: int) -> list[PendingActivityInfo]:
    """Those that this worker has begun and not ended."""
    return [call for call in await pending(temporal, generation_id) if _begun_by(call, pid)]


async def taken_over(temporal: Client, generation_id: str, strike: Strike, pid: int) -> bool:
    """Whether this worker has begun all that was interrupted, but for calls whose end was on its way."""
    interrupted = [
        call for call in await pending(temporal, generation_id) if call.activity_id in strike.interrupted
    ]
    return all(_begun_by(call, pid) for call in interrupted)


def _begun_by(call: PendingActivityInfo, pid: int) -> bool:
    return call.state == STARTED and call.last_worker_identity.startswith(f"{pid}@")


async def recorded(temporal: Client, calls: list[PendingActivityInfo]) -> frozenset[str]:
    """Those whose handle at the provider the server knows, so that another worker can go on with them."""
    details = [await temporal.data_converter.decode(call.heartbeat_details.payloads) for call in calls]
    pairs = zip(calls, details, strict=True)
    return frozenset(call.activity_id for call, detail in pairs if detail and detail[0]["handle"])


async def is_serving(temporal: Client, pid: int) -> bool:
    queue = DescribeTaskQueueRequest(
        namespace=temporal.namespace,
        task_queue=TaskQueue(name=names.FLUX),
        task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
    )
    described = await temporal.workflow_service.describe_task_queue(queue)
    return any(poller.identity.startswith(f"{pid}@") for poller in described.pollers)


async def waits_s(temporal: Client, generation_id: str, *strikes: Strike) -> list[float]:
    """For each interrupted call, how long after the last strike its last attempt began.

    A call that ended between being seen and the strike was not interrupted: it has one attempt.
    """
    interrupted = frozenset[str]().union(*(strike.interrupted for strike in strikes))
    activity_ids: dict[int, str] = {}
    waits: list[float] = []
    for event in (await temporal.get_workflow_handle(generation_id).fetch_history()).events:
        activity_ids[event.event_id] = event.activity_task_scheduled_event_attributes.activity_id
        started = event.activity_task_started_event_attributes
        if activity_ids.get(started.scheduled_event_id) in interrupted and started.attempt > 1:
            began = event.event_time.ToDatetime(UTC)
            before = max(strike.at for strike in strikes if strike.at < began)
            waits.append((began - before).total_seconds())
    assert waits, "nothing was interrupted"
    return waits
