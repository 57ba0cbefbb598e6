"""One attempt at a message: all that receivers answer, silence, and addresses that are refused."""

import asyncio

import pytest

from adapters.public import PublicClient
from adapters.webhooks import sender
from schema.kinds import DeliveryFault, DeliveryStatus, WebhookEvent
from schema.queries.webhooks import deliveries, messages
from schema.webhooks import Announce, SentWebhook
from tests.integration.webhook_desk import LINKS, RETRY_IN_S, Desk, desk, lookup, receiver
from tests.orders import charge, order, settle
from tests.servers.receiver import Behave, Receiver, answer, drip, hang, receiving

__all__ = ["desk", "receiver"]


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
