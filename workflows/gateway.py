"""Everything the API and the command line ask of Temporal: one method a question."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import Any, Final, TypeVar

from pydantic import BaseModel
from temporalio.client import Client, WithStartWorkflowOperation, WorkflowFailureError, WorkflowHandle
from temporalio.exceptions import WorkflowAlreadyStartedError

from schema.errors import Conflict, NotFound, PoseError, Unavailable
from schema.messages.changes import ChangeOrder, ChangeReceipt
from schema.messages.fates import Progress
from schema.messages.orders import ChargeReceipt, GenerationInput
from workflows import names, starts, visibility
from workflows.client_errors import REFUSALS, translated
from workflows.generation import GenerationWorkflow
from workflows.queue_health import QueueHealth, health_of

T = TypeVar("T")
START_TIMEOUT: Final = timedelta(seconds=20)
CONTROL_TIMEOUT: Final = timedelta(seconds=5)
QUERY_TIMEOUT: Final = timedelta(seconds=2)
JUST_COUNTS: Final = 2**31 - 1
"""Newer than any version: asks for the counts and no items."""


class Ended(BaseModel):
    """What all paid workflows say at their end."""

    error_code: str | None = None


class GenerationGateway:
    def __init__(self, client: Client) -> None:
        self._client = client

    async def start(self, order: GenerationInput, *, priority_key: int) -> ChargeReceipt:
        """Start and wait for the charge, in one round trip. The same order again gets the same answer."""
        operation = starts.generation(order, priority_key)
        return await self._accepted(operation, order.generation_id, ChargeReceipt)

    async def change_background(self, order: ChangeOrder, *, priority_key: int) -> ChangeReceipt:
        """As a generation starts: it answers once it is paid."""
        operation = starts.background_change(order, priority_key)
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
            answers = await asyncio.gather(*(health_of(queue, self._client) for queue in names.QUEUES))
        return dict(zip(names.QUEUES, answers, strict=True))

    async def running(self, limit: int) -> visibility.Running:
        async with translated():
            return await visibility.running(self._client, limit)

    def _handle(self, generation_id: str) -> WorkflowHandle[GenerationWorkflow, Any]:
        return self._client.get_workflow_handle_for(GenerationWorkflow.run, generation_id)
