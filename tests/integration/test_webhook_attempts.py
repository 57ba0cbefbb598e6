"""One attempt at a message and what becomes of it in the books: real receivers, a real database."""

import asyncio
import dataclasses
import socket
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlmodel import col, select, update
from temporalio.testing import ActivityEnvironment

from activities.webhooks import WebhookActivities
from adapters.public import PublicClient
from adapters.webhooks import sender
from adapters.webhooks.sender import WebhookSender
from adapters.webhooks.vault import Vault, new_secret
from schema.database import Database
from schema.errors import ReceiverBusy
from schema.kinds import DeliveryFault, DeliveryStatus, WebhookEvent
from schema.models.webhook_events import Links
from schema.queries.webhooks import attempts, deliveries, messages, secrets
from schema.queries.webhooks import settings as webhook_settings
from schema.tables import WebhookAttempt, WebhookDelivery, WebhookSecret
from schema.tables.columns import now
from schema.webhooks import Announce, SendWebhook, SentWebhook, WebhookMessage
from tests.eventually import until
from tests.orders import charge, deliver, open_shop, order, settle
from tests.servers.receiver import Behave, Receiver, answer, drip, hang, receiving

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


async def test_a_taken_message(desk: Desk, receiver: Receiver) -> None:
    secret = await desk.rotate()
    message = await desk.message(receiver.url)
    sent = await desk.send(message)
    assert sent == SentWebhook(status=DeliveryStatus.DELIVERED, attempt=1)
    (taken,) = receiver.received
    payload = taken.verified(secret)
    assert (payload["type"], taken.id) == ("generation.completed", message.id)
    assert (
        payload["data"].items()
        >= {
            "generationId": "gen_" + message.id.removeprefix("msg_").removesuffix("_generation_completed"),
            "status": "partial",
            "posesCompleted": 1,
            "posesFailed": 1,
            "totalExpectedPoses": 2,
            "creditCharged": 60,
            "creditRefunded": 30,
            "errorCode": "BAD_IMAGE",
            "error": "The image service returned a broken picture.",
        }.items()
    )
    assert payload["data"]["resultsUrl"].startswith("https://api.example/generations/gen_")
    assert taken.headers["user-agent"] == "posegen-webhooks"
    assert taken.headers["content-type"] == "application/json"
    row = await desk.delivery(message)
    assert (row.status, row.last_status, row.last_error, row.next_attempt_at) == (
        "delivered",
        200,
        None,
        None,
    )
    assert row.delivered_at
    (attempt,) = await desk.attempts(message)
    assert (attempt.number, attempt.status_code, attempt.error_code) == (1, 200, None)
    assert (attempt.response, attempt.duration_ms is not None) == ("thanks", True)


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
async def test_every_2xx_is_a_yes(desk: Desk, receiver: Receiver, status: int) -> None:
    receiver.usually = answer(status)
    assert (await desk.send(await desk.message(receiver.url))).status is DeliveryStatus.DELIVERED


@pytest.mark.parametrize("status", [100, 400, 401, 404, 405, 408, 409, 422, 429, 500, 502, 503])
async def test_other_statuses_are_tried_again(desk: Desk, receiver: Receiver, status: int) -> None:
    receiver.usually = answer(status, b"not now") if status >= 200 else answer(100) + answer(500, b"not now")
    message = await desk.message(receiver.url)
    sent = await desk.send(message)
    assert (sent.status, sent.error_code) == (DeliveryStatus.PENDING, DeliveryFault.BAD_STATUS)
    assert sent.retry_in_s is not None
    assert RETRY_IN_S - 5 < sent.retry_in_s <= RETRY_IN_S
    row = await desk.delivery(message)
    assert (row.status, row.last_status) == ("pending", max(status, 400) if status >= 200 else 500)
    assert row.next_attempt_at
    last = await desk.send(message, retry_in_s=None)
    assert (last.status, last.attempt, last.retry_in_s) == (DeliveryStatus.FAILED, 2, None)
    assert {each.body for each in receiver.received} == {receiver.received[0].body}, "always the same"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirects_are_failures_and_never_followed(desk: Desk, receiver: Receiver, status: int) -> None:
    async with receiving() as other:
        receiver.usually = answer(status, Location=other.url)
        sent = await desk.send(await desk.message(receiver.url))
        assert (sent.status, sent.error_code) == (DeliveryStatus.PENDING, DeliveryFault.REDIRECTED)
        assert other.received == []


async def test_gone_is_the_end_and_disables_the_url(desk: Desk, receiver: Receiver) -> None:
    first, waiting = await desk.message(receiver.url), await desk.message(receiver.url)
    receiver.answers = [answer(410)]
    sent = await desk.send(first)
    assert (sent.status, sent.error_code) == (DeliveryStatus.FAILED, DeliveryFault.GONE)
    assert await desk.disabled() == [receiver.url]
    assert await desk.disabled("budi") == []
    sent = await desk.send(waiting)
    assert (sent.status, sent.error_code) == (DeliveryStatus.FAILED, DeliveryFault.URL_DISABLED)
    assert (len(receiver.received), await desk.attempts(waiting)) == (1, [])
    asked = await desk.send(first, asked=True)
    assert asked.status is DeliveryStatus.DELIVERED
    assert await desk.disabled() == [], "it has answered, so it may be called again"


async def test_what_comes_after_gone_is_written_down_and_not_sent(desk: Desk, receiver: Receiver) -> None:
    receiver.usually = answer(410)
    await desk.send(await desk.message(receiver.url))
    made = order(1, webhook_url=receiver.url, webhook_events=tuple(WebhookEvent))
    await charge(desk.database, made)
    await settle(desk.database, made, "CANCELLED")
    async with desk.database.transaction() as session:
        assert await messages.write(session, Announce(generation_id=made.generation_id), LINKS) is None
        (row, _) = await deliveries.page(session, "ani", after=None, limit=10)
    assert (row.event, row.status, row.last_error) == ("generation.cancelled", "failed", "URL_DISABLED")


@pytest.mark.parametrize(
    ("status", "asks", "waits_s"),
    [
        (429, "1200", 1200),
        (503, "1200", 1200),
        (503, "10", RETRY_IN_S),
        (503, "99999999", 3600),
        (503, "nonsense", RETRY_IN_S),
        (500, "1200", RETRY_IN_S),
    ],
)
async def test_a_receiver_may_ask_for_time_within_bounds(
    desk: Desk, receiver: Receiver, status: int, asks: str, waits_s: float
) -> None:
    receiver.usually = answer(status, Retry_After=asks)
    sent = await desk.send(await desk.message(receiver.url))
    assert sent.retry_in_s is not None
    assert waits_s - 5 < sent.retry_in_s <= waits_s


@pytest.mark.parametrize("behave", [hang, drip])
async def test_slow_receivers_are_given_up_on_in_time(
    desk: Desk, receiver: Receiver, behave: Behave, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender, "TOTAL_S", 0.3)
    receiver.usually = behave
    message = await desk.message(receiver.url)
    sent = await desk.send(message)
    assert (sent.status, sent.error_code) == (DeliveryStatus.PENDING, DeliveryFault.TIMEOUT)
    assert (await desk.attempts(message))[0].status_code is None


async def test_a_huge_answer_is_not_read(desk: Desk, receiver: Receiver) -> None:
    written = 0

    async def endless(writer: asyncio.StreamWriter) -> None:
        nonlocal written
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n")
        while written < 100_000_000:
            writer.write(b"x" * 65536)
            await writer.drain()
            written += 65536

    receiver.usually = endless
    message = await desk.message(receiver.url)
    assert (await desk.send(message)).status is DeliveryStatus.DELIVERED
    assert (await desk.attempts(message))[0].response == "x" * sender.KEPT_CHARACTERS
    assert written < 50_000_000


async def test_what_a_receiver_says_is_made_safe(desk: Desk, receiver: Receiver) -> None:
    receiver.usually = answer(500, "Fehler\0\x1b[31m\u202eabc\n<script>\ud7ff".encode() + b"\xff\xfe")
    message = await desk.message(receiver.url)
    await desk.send(message)
    said = (await desk.attempts(message))[0].response
    assert said == "Fehler  [31m abc <script> ��"


async def test_nobody_there(desk: Desk) -> None:
    async with receiving() as receiver:
        url = receiver.url
    sent = await desk.send(await desk.message(url))
    assert (sent.status, sent.error_code) == (DeliveryStatus.PENDING, DeliveryFault.UNREACHABLE)


@pytest.mark.parametrize(
    "broken", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx"]
)
async def test_a_broken_answer_is_no_answer(desk: Desk, receiver: Receiver, broken: bytes) -> None:
    receiver.usually = broken
    sent = await desk.send(await desk.message(receiver.url))
    assert (sent.status, sent.error_code) == (DeliveryStatus.PENDING, DeliveryFault.UNREACHABLE)


@pytest.mark.parametrize(
    "url",
    [
        "https://10.0.0.1/hook",
        "https://169.254.169.254/latest",
        "https://shop.example/hook",
        "https://both.example/hook",
        "https://gone.example/hook",
        "http://8.8.8.8/hook",
    ],
)
async def test_what_is_not_public_is_refused_for_good(desk: Desk, url: str) -> None:
    """Whatever was said of the URL when it was ordered: a name may lead elsewhere by now."""
    message = await desk.message(url)
    sent = await desk.send(message)
    assert (sent.status, sent.error_code) == (DeliveryStatus.FAILED, DeliveryFault.ADDRESS_REFUSED)
    assert (await desk.attempts(message))[0].error_code == "ADDRESS_REFUSED"


async def test_name_servers_that_are_away_are_no_reason_to_give_up(desk: Desk) -> None:
    sent = await desk.send(await desk.message("https://slow.example/hook"))
    assert (sent.status, sent.error_code) == (DeliveryStatus.PENDING, DeliveryFault.UNREACHABLE)


async def test_production_calls_no_loopback(desk: Desk, receiver: Receiver) -> None:
    desk.http = PublicClient(allow_loopback=False, lookup=lookup)
    sent = await desk.send(await desk.message(receiver.url))
    assert (sent.error_code, receiver.received) == (DeliveryFault.ADDRESS_REFUSED, [])


async def test_while_a_secret_is_rotated_both_are_good(desk: Desk, receiver: Receiver) -> None:
    old = await desk.rotate()
    new = await desk.rotate()
    await desk.send(await desk.message(receiver.url))
    assert receiver.received[0].verified(old) == receiver.received[0].verified(new)
    async with desk.database.transaction() as session:
        await session.exec(
            update(WebhookSecret)
            .where(col(WebhookSecret.expires_at).is_not(None))
            .values(expires_at=now() - timedelta(seconds=1))
        )
    await desk.send(await desk.message(receiver.url))
    receiver.received[1].verified(new)
    with pytest.raises(Exception, match="No matching signature"):
        receiver.received[1].verified(old)


async def test_a_leaked_secret_can_be_revoked_at_once(desk: Desk, receiver: Receiver) -> None:
    leaked = await desk.rotate()
    fresh = await desk.rotate(revoke_previous=True)
    await desk.send(await desk.message(receiver.url))
    receiver.received[0].verified(fresh)
    with pytest.raises(Exception, match="No matching signature"):
        receiver.received[0].verified(leaked)


async def test_secrets_made_at_once_leave_one_in_use(desk: Desk) -> None:
    await asyncio.gather(*(desk.rotate() for _ in range(secrets.MAX_VALID)))
    async with desk.database.transaction() as session:
        valid = await secrets.valid(session, "ani")
    assert [each.expires_at is None for each in valid] == [True] + [False] * (secrets.MAX_VALID - 1)


async def test_who_never_asked_for_a_secret_gets_signed_messages_too(desk: Desk, receiver: Receiver) -> None:
    await asyncio.gather(*[desk.send(await desk.message(receiver.url)) for _ in range(3)])
    assert all(each.headers["webhook-signature"].startswith("v1,") for each in receiver.received)
    async with desk.database.transaction() as session:
        (made,) = await secrets.valid(session, "ani")
    receiver.received[0].verified(desk.vault.open(made.sealed))
    assert "whsec_" not in made.sealed


async def test_a_secret_sealed_by_another_service_secret(desk: Desk, receiver: Receiver) -> None:
    await desk.rotate()
    message = await desk.message(receiver.url)
    desk.vault = Vault("another")
    sent = await desk.send(message)
    assert (sent.status, sent.error_code) == (DeliveryStatus.PENDING, DeliveryFault.SECRET_UNREADABLE)
    assert receiver.received == [], "nothing goes out unsigned"
    secret = await desk.rotate(revoke_previous=True)
    assert (await desk.send(message)).status is DeliveryStatus.DELIVERED
    receiver.received[0].verified(secret)


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
