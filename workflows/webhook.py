"""One message to a user's receiver: sent until it is taken, for about a day.

Its id is the message's, so whatever starts it twice starts nothing twice. What it sends and with which secret
are in the database: the history has neither.
"""

from contextlib import suppress
from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from schema.kinds import DeliveryStatus
    from schema.webhooks import SendWebhook, SentWebhook, WebhookMessage
    from workflows import names, policies, steps


@workflow.defn
class WebhookWorkflow:
    @workflow.init
    def __init__(self, message: WebhookMessage) -> None:
        self._message = message
        self._sent = SentWebhook(status=DeliveryStatus.PENDING, attempt=0)
        self._asked_after = -1
        self._shown: tuple[str, str | None] = (DeliveryStatus.PENDING, None)

    @workflow.run
    async def run(self, message: WebhookMessage) -> SentWebhook:
        asked = message.once
        for wait in (*_waits(message), None):
            again = True
            while again:  # attempts that the user asks for use up none of our own
                await self._attempt(wait, asked=asked)
                asked = again = await self._asked_meanwhile()
            if self._sent.retry_in_s is None:
                break
        return self._sent

    @workflow.signal(name=names.REDELIVER)
    def redeliver(self, after_attempt: int) -> None:
        """Do not wait: the user has seen so many attempts and wants the next one now."""
        self._asked_after = max(self._asked_after, after_attempt)

    @property
    def _asked(self) -> bool:
        return self._asked_after >= self._sent.attempt

    async def _attempt(self, wait: timedelta | None, *, asked: bool) -> None:
        message = self._message
        call = SendWebhook(
            message_id=message.id,
            user_id=message.user_id,
            retry_in_s=wait.total_seconds() * _jitter() if wait else None,
            asked=asked,
        )
        self._sent = await steps.send_webhook(
            call, f"attempt {self._sent.attempt + 1} to {message.host[:100]}"
        )
        self._show()

    async def _asked_meanwhile(self) -> bool:
        """Waits until the next attempt is due, or the user asks for it."""
        if self._sent.retry_in_s is not None:
            with suppress(TimeoutError):
                await workflow.wait_condition(lambda: self._asked, timeout=self._sent.retry_in_s)
        return self._asked

    def _show(self) -> None:
        now = (self._sent.status.value, self._sent.error_code)
        if now != self._shown:
            self._shown = now
            code = names.ERROR_CODE
            workflow.upsert_search_attributes(
                [
                    names.STATUS.value_set(self._sent.status),
                    code.value_set(now[1]) if now[1] else code.value_unset(),
                ]
            )


def _waits(message: WebhookMessage) -> tuple[timedelta, ...]:
    return () if message.once else policies.RECEIVER_WAITS


def _jitter() -> float:
    return workflow.random().uniform(1 - policies.RECEIVER_JITTER, 1 + policies.RECEIVER_JITTER)
