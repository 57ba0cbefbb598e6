"""Messages and attempts in the books: each message once, lost attempts again, a few at a time."""

import asyncio
from datetime import timedelta

import pytest
from sqlmodel import select, update

from adapters.webhooks.vault import new_secret
from schema.errors import ReceiverBusy
from schema.kinds import DeliveryStatus, WebhookEvent
from schema.queries.webhooks import attempts, messages
from schema.tables import WebhookAttempt, WebhookDelivery
from schema.tables.columns import now
from schema.webhooks import Announce, SendWebhook, WebhookMessage
from tests.eventually import until
from tests.integration.webhook_desk import LINKS, RETRY_IN_S, Desk, desk, receiver
from tests.orders import charge, deliver, order, settle
from tests.servers.receiver import Receiver, answer, hang, receiving

__all__ = ["desk", "receiver"]


async def test_an_attempt_whose_worker_died_shows_and_is_made_again(desk: Desk, receiver: Receiver) -> None:
    """Killed after the call and before the books were told: the receiver sees the same id twice."""
    message = await desk.message(receiver.url)
    call = SendWebhook(message_id=message.id, user_id="ani", retry_in_s=RETRY_IN_S)
    async with desk.database.transaction() as session:
        turn = await attempts.begin(session, call, "dead", lambda: desk.vault.seal(new_secret()))
    assert isinstance(turn, attempts.Turn)
    sent = await desk.send(message)
    assert (sent.status, sent.attempt) == (DeliveryStatus.DELIVERED, 2)
    assert [each.error_code for each in await desk.attempts(message)] == ["INTERRUPTED", None]


async def test_a_call_repeated_after_its_end_sends_nothing(desk: Desk, receiver: Receiver) -> None:
    """Killed after the books were told and before the workflow was."""
    receiver.usually = answer(500)
    message = await desk.message(receiver.url)
    first = await desk.send(message, call="the same")
    again = await desk.send(message, call="the same")
    assert (len(receiver.received), again.status, again.attempt) == (1, first.status, first.attempt)
    assert again.retry_in_s == pytest.approx(first.retry_in_s, abs=5)


async def test_delivered_is_for_ever(desk: Desk, receiver: Receiver) -> None:
    message = await desk.message(receiver.url)
    await desk.send(message)
    receiver.usually = answer(500)
    again = await desk.send(message)
    assert (again.status, len(receiver.received)) == (DeliveryStatus.DELIVERED, 1), "unasked it is not sent"
    asked = await desk.send(message, asked=True, retry_in_s=None)
    assert (asked.status, asked.attempt, len(receiver.received)) == (DeliveryStatus.DELIVERED, 2, 2)
    assert (await desk.delivery(message)).last_error == "BAD_STATUS"


async def test_one_users_dead_receiver_takes_no_places_of_another(desk: Desk) -> None:
    async with receiving(hang) as dead, receiving() as well:
        stuck = [await desk.message(dead.url) for _ in range(attempts.AT_ONCE_TO_HOST)]
        sending = [asyncio.create_task(desk.send(each)) for each in stuck]
        await until(lambda: len(dead.received) == len(stuck))
        with pytest.raises(ReceiverBusy):
            await desk.send(await desk.message(dead.url))
        for user in ("ani", "budi"):
            sent = await desk.send(await desk.message(well.url, user))
            assert sent.status is DeliveryStatus.DELIVERED, "other hosts and other users are free"
        assert (await desk.send(await desk.message(well.url, "budi"))).status is DeliveryStatus.DELIVERED
        for task in sending:
            task.cancel()
        await asyncio.gather(*sending, return_exceptions=True)
    assert dead.most_open == attempts.AT_ONCE_TO_HOST


async def test_many_hosts_of_one_user_share_a_limit(desk: Desk) -> None:
    async def begin(port: int) -> object:
        message = await desk.message(f"http://127.0.0.1:{port}/")
        call = SendWebhook(message_id=message.id, user_id="ani", retry_in_s=1)
        async with desk.database.transaction() as session:
            return await attempts.begin(session, call, "x", lambda: desk.vault.seal(new_secret()))

    begun = await asyncio.gather(*(begin(port) for port in range(1, 21)), return_exceptions=True)
    assert sum(isinstance(each, attempts.Turn) for each in begun) == attempts.AT_ONCE
    assert sum(isinstance(each, ReceiverBusy) for each in begun) == 20 - attempts.AT_ONCE


async def test_attempts_that_died_hold_no_place_for_long(desk: Desk, receiver: Receiver) -> None:
    for _ in range(attempts.AT_ONCE_TO_HOST):
        message = await desk.message(receiver.url)
        call = SendWebhook(message_id=message.id, user_id="ani", retry_in_s=1)
        async with desk.database.transaction() as session:
            await attempts.begin(session, call, "x", lambda: desk.vault.seal(new_secret()))
    waiting = await desk.message(receiver.url)
    with pytest.raises(ReceiverBusy):
        await desk.send(waiting)
    async with desk.database.transaction() as session:
        await session.exec(
            update(WebhookAttempt).values(started_at=now() - attempts.OVERDUE - timedelta(seconds=1))
        )
    assert (await desk.send(waiting)).status is DeliveryStatus.DELIVERED


async def test_a_message_is_written_once(desk: Desk, receiver: Receiver) -> None:
    made = order(1, webhook_url=receiver.url, webhook_events=tuple(WebhookEvent))
    await charge(desk.database, made)
    end, item = (Announce(generation_id=made.generation_id, index=index) for index in (None, 0))

    async def write(call: Announce) -> WebhookMessage | None:
        async with desk.database.transaction() as session:
            return await messages.write(session, call, LINKS)

    assert await write(end) is None, "it has not ended yet"
    await deliver(desk.database, made, 0)
    await settle(desk.database, made)
    written = await asyncio.gather(*(write(call) for _ in range(5) for call in (end, item)))
    assert {each.id for each in written if each} == {
        made.generation_id.replace("gen_", "msg_") + ending
        for ending in ("_generation_completed", "_item_completed_000")
    }
    async with desk.database.transaction() as session:
        rows = (await session.exec(select(WebhookDelivery))).all()
    assert len(rows) == 2


async def test_who_asked_for_nothing_is_told_nothing(desk: Desk) -> None:
    for url in (None, "https://shop.example/"):
        made = order(1, webhook_url=url)
        await charge(desk.database, made)
        await settle(desk.database, made, "CANCELLED")
        async with desk.database.transaction() as session:
            call = Announce(generation_id=made.generation_id)
            assert await messages.write(session, call, LINKS) is None
