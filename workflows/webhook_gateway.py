"""Starting the workflows of webhook messages: by an event, by a user who wants one again, for a test."""

import asyncio
from datetime import timedelta
from typing import Any, Final

from temporalio.client import Client, WorkflowFailureError, WorkflowHandle
from temporalio.common import (
    Priority,
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDConflictPolicy,
    WorkflowIDReusePolicy,
)
from temporalio.exceptions import WorkflowAlreadyStartedError

from schema.errors import Unavailable
from schema.kinds import DeliveryStatus
from schema.webhooks import WebhookMessage
from workflows import names, policies
from workflows.client_errors import translated
from workflows.webhook import WebhookWorkflow

START_TIMEOUT: Final = timedelta(seconds=5)
TEST_TIMEOUT_S: Final = 25
PRIORITY: Final = 4
"""After everything that somebody waits for."""


class WebhookGateway:
    def __init__(self, client: Client) -> None:
        self._client = client

    async def start(self, message: WebhookMessage) -> None:
        """A message that has been started, whatever has become of it, is not started again."""
        try:
            await self._start(message, id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE)
        except WorkflowAlreadyStartedError:
            return

    async def redeliver(self, message: WebhookMessage, after_attempt: int) -> None:
        """One that still waits for its next attempt makes it now; one that has ended is begun anew."""
        await self._start(
            message,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            start_signal=names.REDELIVER,
            start_signal_args=[after_attempt],
        )

    async def test(self, message: WebhookMessage) -> None:
        """Returns once its attempt is over."""
        handle = await self._start(message, id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE)
        try:
            async with translated(), asyncio.timeout(TEST_TIMEOUT_S):
                await handle.result()
        except WorkflowFailureError as error:
            raise Unavailable("The test did not come to its end. Try again.", retry_after_s=5) from error

    async def _start(self, message: WebhookMessage, **how: Any) -> WorkflowHandle[Any, Any]:
        async with translated():
            return await self._client.start_workflow(
                WebhookWorkflow.run,
                message,
                id=message.id,
                task_queue=names.ORCHESTRATION,
                task_timeout=policies.WORKFLOW_TASK,
                search_attributes=TypedSearchAttributes(
                    [
                        SearchAttributePair(names.USER_ID, message.user_id),
                        SearchAttributePair(names.STATUS, DeliveryStatus.PENDING),
                    ]
                ),
                static_summary=f"{message.event} to {message.host[:100]}",
                priority=Priority(priority_key=PRIORITY, fairness_key=message.user_id[:64]),
                rpc_timeout=START_TIMEOUT,
                **how,
            )
