"""Messages and receivers whose workflows are gone: after one round each is sent, has failed or was told."""

from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import pytest

from activities.webhooks import AnnouncementActivities
from schema.kinds import DeliveryStatus, WebhookEvent
from schema.models.webhook_events import Links
from schema.tables import WebhookDelivery
from schema.webhooks import Announce
from tests.eventually import eventually, until
from tests.integration.lost_workflows import begun, broken, desk, lose, round_now, terminate
from tests.integration.shop import Shop
from tests.orders import settle
from tests.servers.receiver import Receiver, answer, receiving
from workflows.standing import RULES
from workflows.webhook_gateway import WebhookGateway

__all__ = ["desk"]

TOLD = "whoever asked for it is told of a generation's end and its pictures"


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver


async def waiting_message(shop: Shop, receiver: Receiver) -> str:
    """Of a settled generation: tried once, to be tried again later."""
    receiver.answers = [answer(500)]
    order = await begun(shop, 0, 1, webhook_url=receiver.url, webhook_events=tuple(WebhookEvent)[:3])
    await shop.gateway.cancel(order.generation_id)
    await until(lambda: len(receiver.received) == 1)
    message_id = receiver.received[0].id
    await eventually(partial(delivery, shop, message_id), lambda row: row.next_attempt_at is not None)
    return message_id


async def delivery(shop: Shop, message_id: str) -> WebhookDelivery:
    async with shop.database.transaction() as session:
        return await session.get_one(WebhookDelivery, message_id)


async def test_a_message_that_somebody_stopped_has_failed(desk: Shop, receiver: Receiver) -> None:
    message_id = await waiting_message(desk, receiver)
    assert (await round_now(desk)).repaired == 0, "it waits for its next attempt"
    await terminate(desk.temporal, message_id)
    assert await broken(desk) == {"a pending message has a running workflow"}
    assert (await round_now(desk)).messages_failed == 1
    row = await delivery(desk, message_id)
    assert (row.status, row.last_error, row.next_attempt_at) == ("failed", "STOPPED", None)
    assert len(receiver.received) == 1
    await desk.books_agree()


async def test_a_message_that_was_lost_is_sent_after_all(desk: Shop, receiver: Receiver) -> None:
    message_id = await waiting_message(desk, receiver)
    await lose(desk.temporal, message_id)
    assert (await round_now(desk)).messages_restarted == 1
    sent = await eventually(
        partial(delivery, desk, message_id), lambda row: row.status == DeliveryStatus.DELIVERED
    )
    assert sent.attempts == 2
    assert {each.id for each in receiver.received} == {message_id}
    await desk.books_agree()


async def test_the_receiver_is_told_of_a_lost_generation(desk: Shop, receiver: Receiver) -> None:
    asked: dict[str, Any] = {"webhook_url": receiver.url, "webhook_events": tuple(WebhookEvent)[:3]}
    stopped, untold = await begun(desk, **asked), await begun(desk, 3, **asked)
    await terminate(desk.temporal, stopped.generation_id)
    await terminate(desk.temporal, untold.generation_id)
    await settle(desk.database, untold)
    assert await broken(desk) == {RULES[0], TOLD}
    done = await round_now(desk)
    assert (done.generations, done.ends_told) == (1, 1)
    await until(lambda: len(receiver.received) == 2)
    told = {each.payload["data"]["generationId"]: each.payload["data"] for each in receiver.received}
    assert told[stopped.generation_id]["errorCode"] == "STOPPED"
    assert (told[stopped.generation_id]["status"], told[untold.generation_id]["status"]) == (
        "partial",
        "completed",
    )
    assert (await round_now(desk)).repaired == 0
    await desk.books_agree()


@pytest.mark.parametrize("events", [tuple(WebhookEvent), (WebhookEvent.ITEM_COMPLETED,)])
async def test_the_receiver_is_told_of_what_a_lost_generation_had_delivered(
    desk: Shop, receiver: Receiver, events: tuple[WebhookEvent, ...]
) -> None:
    asked: dict[str, Any] = {"webhook_url": receiver.url, "webhook_events": events}
    stopped, untold = await begun(desk, 2, **asked), await begun(desk, 3, **asked)
    links = Links(desk.storage.url, desk.settings.api_url)
    telling = AnnouncementActivities(desk.database, links, WebhookGateway(desk.temporal).start)
    await telling.announce(Announce(generation_id=untold.generation_id, index=1))
    for order in (stopped, untold):
        await terminate(desk.temporal, order.generation_id)
    await settle(desk.database, untold)
    assert await broken(desk) == {RULES[0], TOLD}
    done = await round_now(desk)
    assert (done.generations, done.ends_told) == (1, 1)
    ends = len(events) > 1
    await until(lambda: len(receiver.received) == 5 + 2 * ends)
    told = [each.payload for each in receiver.received]
    places = [
        (each["data"]["generationId"], each["data"]["index"]) for each in told if each["type"] == events[-1]
    ]
    assert sorted(places) == sorted(
        [(stopped.generation_id, index) for index in range(2)]
        + [(untold.generation_id, index) for index in range(3)]
    )
    assert (await round_now(desk)).repaired == 0
    await desk.books_agree()
