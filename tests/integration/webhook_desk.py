"""Messages of real orders, sent to real receivers one attempt at a time."""

import dataclasses
import socket
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from temporalio.testing import ActivityEnvironment

from activities.webhooks import WebhookActivities
from adapters.public import PublicClient
from adapters.webhooks.sender import WebhookSender
from adapters.webhooks.vault import Vault, new_secret
from schema.database import Database
from schema.kinds import WebhookEvent
from schema.models.webhook_events import Links
from schema.queries.webhooks import deliveries, messages, secrets
from schema.queries.webhooks import settings as webhook_settings
from schema.tables import WebhookAttempt, WebhookDelivery
from schema.webhooks import Announce, SendWebhook, SentWebhook, WebhookMessage
from tests.orders import charge, deliver, open_shop, order, settle
from tests.servers.receiver import Receiver, receiving

NAMES = {"shop.example": ["10.0.0.7"], "both.example": ["127.0.0.1", "10.0.0.7"]}
LINKS = Links(lambda key, download_name=None: f"https://files.example/{key}", "https://api.example")
RETRY_IN_S = 300.0


def lookup(name: str) -> Iterable[str]:
    if name == "slow.example":
        raise socket.gaierror(socket.EAI_AGAIN, "name servers are away")
    if name not in NAMES:
        raise socket.gaierror(socket.EAI_NONAME, "no such name")
    return NAMES[name]


@dataclass
class Desk:
    """Messages written, sent and looked at, one by one."""

    database: Database
    vault: Vault
    http: PublicClient

    async def message(self, url: str, user: str = "ani") -> WebhookMessage:
        """The end of a generation of that user, told to that URL."""
        events = tuple(WebhookEvent)
        made = order(2, user=user, webhook_url=url, webhook_events=events)
        await charge(self.database, made)
        await deliver(self.database, made, 0)
        await settle(self.database, made, "BAD_IMAGE")
        async with self.database.transaction() as session:
            written = await messages.write(session, Announce(generation_id=made.generation_id), LINKS)
        assert written
        return written

    async def send(self, message: WebhookMessage, call: str = "", **how: Any) -> SentWebhook:
        """`call` names the call of the workflow; each is another unless it says so."""
        environment = ActivityEnvironment()
        environment.info = dataclasses.replace(environment.info, activity_id=call or uuid4().hex)
        asked = {"retry_in_s": RETRY_IN_S} | how
        work = WebhookActivities(self.database, WebhookSender(self.http, self.vault), self.vault)
        wanted = SendWebhook(message_id=message.id, user_id=message.user_id, **asked)
        sent: SentWebhook = await environment.run(work.send_webhook, wanted)
        return sent

    async def delivery(self, message: WebhookMessage) -> WebhookDelivery:
        async with self.database.transaction() as session:
            return await session.get_one(WebhookDelivery, message.id)

    async def attempts(self, message: WebhookMessage) -> list[WebhookAttempt]:
        async with self.database.transaction() as session:
            return list(await deliveries.attempts(session, message.id))

    async def rotate(self, user: str = "ani", *, revoke_previous: bool = False) -> str:
        secret = new_secret()
        async with self.database.transaction() as session:
            sealed = self.vault.seal(secret)
            await secrets.rotate(session, user, sealed, revoke_previous=revoke_previous)
        return secret

    async def disabled(self, user: str = "ani") -> list[str]:
        async with self.database.transaction() as session:
            return list((await webhook_settings.read(session, user)).disabled)


@pytest.fixture
async def desk(database: Database) -> AsyncIterator[Desk]:
    await open_shop(database, "ani", "budi", credits_each=10_000)
    http = PublicClient(allow_loopback=True, lookup=lookup, calls_at_once=100)
    yield Desk(database, Vault("the service's own secret"), http)
    await http.close()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver
