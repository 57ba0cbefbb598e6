"""What the books would say of attempts at a message, in memory, and the workers that stand on them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from temporalio import activity
from temporalio.client import Client
from temporalio.worker import Worker

from schema import ids
from schema.kinds import DeliveryFault, DeliveryStatus
from schema.webhooks import SendWebhook, SentWebhook, WebhookMessage
from workflows import names, policies
from workflows.runner import Runner
from workflows.webhook import WebhookWorkflow

OK = None
BAD = DeliveryFault.BAD_STATUS


@dataclass
class Books:
    """What each attempt meets, in order; afterwards the last for ever. Keeps the books' rules in memory."""

    meets: list[DeliveryFault | None] = field(default_factory=lambda: [BAD])
    receiver_asks_s: float = 0
    calls: list[SendWebhook] = field(default_factory=list)
    at: list[datetime] = field(default_factory=list)
    hold: asyncio.Event | None = None

    @activity.defn
    async def send_webhook(self, call: SendWebhook) -> SentWebhook:
        self.calls.append(call)
        self.at.append(activity.info().current_attempt_scheduled_time)
        fault = self.meets.pop(0) if len(self.meets) > 1 else self.meets[0]
        if self.hold:
            await self.hold.wait()
        if fault is OK:
            return SentWebhook(status=DeliveryStatus.DELIVERED, attempt=len(self.calls))
        final = fault.final or call.retry_in_s is None
        return SentWebhook(
            status=DeliveryStatus.FAILED if final else DeliveryStatus.PENDING,
            attempt=len(self.calls),
            error_code=fault,
            retry_in_s=None if final else max(call.retry_in_s or 0, self.receiver_asks_s),
        )

    @property
    def waits(self) -> list[timedelta]:
        return [later - earlier for earlier, later in zip(self.at, self.at[1:], strict=False)]


@asynccontextmanager
async def serving(client: Client, books: Books) -> AsyncIterator[None]:
    deciding = Worker(
        client,
        task_queue=names.ORCHESTRATION,
        workflows=[WebhookWorkflow],
        workflow_runner=Runner(),
        sticky_queue_schedule_to_start_timeout=policies.STICKY,
    )
    sending = Worker(client, task_queue=names.WEBHOOKS, activities=[books.send_webhook])
    async with deciding, sending:
        yield


def new_message() -> WebhookMessage:
    return WebhookMessage(id=ids.ping_id(), user_id="ani", event="generation.completed", host="shop.example")
