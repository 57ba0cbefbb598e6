"""Everything the API and the command line ask of Temporal: one method a question.

Temporal's errors end here: a caller sees the errors of schema.errors.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeVar

from pydantic import BaseModel
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import (
    Client,
    WithStartWorkflowOperation,
    WorkflowFailureError,
    WorkflowHandle,
    WorkflowQueryFailedError,
    WorkflowQueryRejectedError,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.common import (
    Priority,
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDConflictPolicy,
    WorkflowIDReusePolicy,
)
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError
from temporalio.service import RPCError

from adapters.keyring import Unreadable
from schema.errors import Conflict, InsufficientCredits, NotFound, PoseError, QuotaExceeded, Unavailable
from schema.kinds import ChangeStatus, GenerationStatus
from schema.messages.changes import ChangeOrder, ChangeReceipt
from schema.messages.fates import Progress
from schema.messages.orders import ChargeReceipt, GenerationInput
from workflows import names, policies, visibility
from workflows.background_change import BackgroundChangeWorkflow
from workflows.client import is_unknown
from workflows.generation import GenerationWorkflow

T = TypeVar("T")
log = logging.getLogger(__name__)
START_TIMEOUT: Final = timedelta(seconds=20)
CONTROL_TIMEOUT: Final = timedelta(seconds=5)
QUERY_TIMEOUT: Final = timedelta(seconds=2)
JUST_COUNTS: Final = 2**31 - 1
"""Newer than any version: asks for the counts and no items."""
REFUSALS: Final[tuple[type[PoseError], ...]] = (InsufficientCredits, QuotaExceeded, NotFound, Conflict)


@dataclass(frozen=True)
class QueueHealth:
    backlog: int
    oldest_s: float
    """How long the first of the backlog has waited."""
    asked_s: tuple[float, ...]
    """How long ago each poller has asked for work. Temporal lists a dead one for five minutes."""

    @property
    def pollers(self) -> int:
        return len(self.asked_s)

    @property
    def quiet_s(self) -> float:
        """Since when none has asked for work; 0 where there is none."""
        return min(self.asked_s, default=0.0)

    def gone(self, quiet_s: float) -> int:
        """How many have not asked for so long."""
        return sum(asked_s > quiet_s for asked_s in self.asked_s)


class Ended(BaseModel):
    """What all paid workflows say at their end."""

    error_code: str | None = None


class GenerationGateway:
    def __init__(self, client: Client) -> None:
        self._client = client

    async def start(self, order: GenerationInput, *, priority_key: int) -> ChargeReceipt:
        """Start and wait for the charge, in one round trip. The same order again gets the same answer."""
        operation = WithStartWorkflowOperation(
            GenerationWorkflow.run,
            order,
            id=order.generation_id,
            search_attributes=_search_attributes(order),
            static_summary=_summary(order),
            **_begins(order.user_id, priority_key),
        )
        return await self._accepted(operation, order.generation_id, ChargeReceipt)

    async def change_background(self, order: ChangeOrder, *, priority_key: int) -> ChangeReceipt:
        """As a generation starts: it answers once it is paid."""
        operation = WithStartWorkflowOperation(
            BackgroundChangeWorkflow.run,
            order,
            id=order.change_id,
            search_attributes=TypedSearchAttributes(
                [
                    SearchAttributePair(names.USER_ID, order.user_id),
                    SearchAttributePair(names.STATUS, ChangeStatus.PENDING),
                ]
            ),
            static_summary=f"{order.background.mode} behind {order.item_id}",
            **_begins(order.user_id, priority_key),
        )
        return await self._accepted(operation, order.change_id, ChangeReceipt)

    async def _accepted(
        self, operation: WithStartWorkflowOperation[Any, Any], workflow_id: str, receipt: type[T]
    ) -> T:
        try:
            async with translated():
                answer: T = await self._client.execute_update_with_start_workflow(
                    names.ACCEPTED,
                    result_type=receipt,
                    id=f"{names.ACCEPTED}-{workflow_id}",
                    start_workflow_operation=operation,
                    rpc_timeout=START_TIMEOUT,
                )
                return answer
        except WorkflowAlreadyStartedError as error:
            with suppress(WorkflowAlreadyStartedError):  # told twice; asyncio complains of what nobody hears
                await operation.workflow_handle()
            raise await self._why_it_ended(workflow_id) from error

    async def _why_it_ended(self, workflow_id: str) -> PoseError:
        """Before its start was answered: a server that died had kept the order and forgotten the question."""
        try:
            async with translated():
                outcome = await self._client.get_workflow_handle(workflow_id, result_type=Ended).result(
                    rpc_timeout=CONTROL_TIMEOUT
                )
        except WorkflowFailureError:
            outcome = Ended()
        for kind in REFUSALS:
            if kind.code == outcome.error_code:
                return kind("This order was refused. Place it anew to try again.")
        return Unavailable("This order has begun. Repeat the request to learn of it.", retry_after_s=1)

    async def progress(self, generation_id: str, since: int = 0) -> Progress:
        async with translated():
            return await self._handle(generation_id).query(
                GenerationWorkflow.progress, since, rpc_timeout=QUERY_TIMEOUT
            )

    async def cancel(self, generation_id: str) -> None:
        """Cancelling what is over changes nothing."""
        async with translated():
            await self._handle(generation_id).cancel(rpc_timeout=CONTROL_TIMEOUT)

    async def pause(self, generation_id: str) -> None:
        await self._set_paused(generation_id, paused=True)

    async def resume(self, generation_id: str) -> None:
        await self._set_paused(generation_id, paused=False)

    async def _set_paused(self, generation_id: str, *, paused: bool) -> None:
        """A signal, which is kept once it is sent, and a question, which is answered once it was taken in."""
        handle = self._handle(generation_id)
        try:
            async with translated():
                await handle.signal(names.SET_PAUSED, paused, rpc_timeout=CONTROL_TIMEOUT)
        except NotFound as error:
            raise Conflict("The generation is already over.") from error
        async with translated():
            seen = await handle.query(GenerationWorkflow.progress, JUST_COUNTS, rpc_timeout=CONTROL_TIMEOUT)
        if seen.status.terminal:
            raise Conflict("The generation is already over.")

    async def health(self) -> dict[str, QueueHealth]:
        """For each task queue who serves it and how much waits."""
        async with translated():
            answers = await asyncio.gather(*(self._queue(queue) for queue in names.QUEUES))
        return dict(zip(names.QUEUES, answers, strict=True))

    async def running(self, limit: int) -> visibility.Running:
        async with translated():
            return await visibility.running(self._client, limit)

    async def _queue(self, queue: str) -> QueueHealth:
        answer = await self._client.workflow_service.describe_task_queue(
            DescribeTaskQueueRequest(
                namespace=self._client.namespace,
                task_queue=TaskQueue(name=queue),
                task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
                report_stats=True,
            ),
            timeout=QUERY_TIMEOUT,
        )
        stats, now = answer.stats, datetime.now(UTC)
        return QueueHealth(
            backlog=stats.approximate_backlog_count,
            oldest_s=stats.approximate_backlog_age.ToTimedelta().total_seconds(),
            asked_s=tuple(
                (now - poller.last_access_time.ToDatetime(UTC)).total_seconds() for poller in answer.pollers
            ),
        )

    def _handle(self, generation_id: str) -> WorkflowHandle[GenerationWorkflow, Any]:
        return self._client.get_workflow_handle_for(GenerationWorkflow.run, generation_id)


@asynccontextmanager
async def translated() -> AsyncIterator[None]:
    try:
        yield
    except WorkflowUpdateFailedError as error:
        raise _refusal(error.cause) from error
    except RPCError as error:
        if is_unknown(error):
            raise NotFound("No such generation is running.") from error
        raise Unavailable("The workflow service cannot be reached. Try again.", retry_after_s=2) from error
    except (
        WorkflowUpdateRPCTimeoutOrCancelledError,
        WorkflowQueryFailedError,
        WorkflowQueryRejectedError,
        TimeoutError,
    ) as error:
        if isinstance(error.__cause__, asyncio.CancelledError):
            raise
        raise Unavailable("The workers did not answer in time. Try again.", retry_after_s=2) from error
    except Unreadable as error:
        log.error("Temporal's answer cannot be read: %s", error)  # noqa: TRY400 - the trace says no more
        raise Unavailable("The workflow service's answers cannot be read here. Try again.") from error
    except RuntimeError as error:
        raise Unavailable("The workflow service cannot be reached. Try again.", retry_after_s=2) from error


def _refusal(cause: BaseException | None) -> PoseError:
    """The activity's own failure, as it was raised."""
    if isinstance(cause, ApplicationError):
        facts = cause.details[0] if cause.details else {}
        for kind in REFUSALS:
            if kind.code == cause.type:
                return kind(
                    cause.message, details=facts.get("details"), retry_after_s=facts.get("retry_after_s")
                )
    return Unavailable("The generation could not be started. Try again.", retry_after_s=2)


def _begins(user_id: str, priority_key: int) -> dict[str, Any]:
    """What holds for every paid workflow: it begins once, and waits its turn fairly."""
    return {
        "task_queue": names.ORCHESTRATION,
        "task_timeout": policies.WORKFLOW_TASK,
        "id_conflict_policy": WorkflowIDConflictPolicy.USE_EXISTING,
        "id_reuse_policy": WorkflowIDReusePolicy.REJECT_DUPLICATE,
        "priority": Priority(priority_key=priority_key, fairness_key=user_id[:64]),
    }


def _summary(order: GenerationInput) -> str:
    mode = order.generation_type.split("_")[0].lower()
    return f"{order.total_items} items, {len(order.formats)} formats, {mode}"


def _search_attributes(order: GenerationInput) -> TypedSearchAttributes:
    return TypedSearchAttributes(
        [
            SearchAttributePair(names.USER_ID, order.user_id),
            SearchAttributePair(names.PROJECT_ID, order.project_id),
            SearchAttributePair(names.STATUS, GenerationStatus.PENDING),
            SearchAttributePair(names.ITEMS_TOTAL, order.total_items),
            SearchAttributePair(names.ITEMS_DONE, 0),
            SearchAttributePair(names.ITEMS_FAILED, 0),
            SearchAttributePair(names.DEGRADED, value=False),
        ]
    )
