"""Telling receivers: a message is written down and its workflow started; then it is sent, try by try."""

from collections.abc import Awaitable, Callable

from temporalio import activity

from adapters.webhooks.sender import Outgoing, WebhookSender
from adapters.webhooks.vault import Vault, new_secret
from schema.database import Database
from schema.models.webhook_events import Links
from schema.queries.webhooks import attempts, messages
from schema.queries.webhooks.attempts import Turn
from schema.webhooks import Announce, SealedSecret, SendWebhook, SentWebhook, WebhookMessage
from telemetry import metrics

Start = Callable[[WebhookMessage], Awaitable[None]]
"""Starts the workflow of a message; once more changes nothing."""


class AnnouncementActivities:
    def __init__(self, database: Database, links: Links, start: Start) -> None:
        self._database = database
        self._links = links
        self._start = start

    @activity.defn
    async def announce(self, call: Announce) -> None:
        for each in [*(await self._missed(call) if call.missed else ()), call]:
            async with self._database.transaction() as session:
                message = await messages.write(session, each, self._links)
            if message:
                await self._start(message)

    async def _missed(self, call: Announce) -> list[Announce]:
        async with self._database.transaction() as session:
            return await messages.missed(session, call.generation_id)


class WebhookActivities:
    def __init__(self, database: Database, sender: WebhookSender, vault: Vault) -> None:
        self._database = database
        self._sender = sender
        self._vault = vault

    @activity.defn
    async def send_webhook(self, call: SendWebhook) -> SentWebhook:
        """At least once: a worker that dies after the call and before the books are told sends it again."""
        async with self._database.transaction() as session:
            turn = await attempts.begin(session, call, _key(), self._new_secret)
        if not isinstance(turn, Turn):
            return turn
        answer = await self._sender.send(Outgoing(call.message_id, turn.url, turn.body, turn.sealed_secrets))
        async with self._database.transaction() as session:
            sent = await attempts.finish(session, call, turn, answer)
        metrics.WEBHOOK_ATTEMPTS.labels(answer.fault or metrics.OK).inc()
        return sent

    def _new_secret(self) -> SealedSecret:
        return self._vault.seal(new_secret())


def _key() -> str:
    info = activity.info()
    return f"{info.workflow_run_id}/{info.activity_id}"
