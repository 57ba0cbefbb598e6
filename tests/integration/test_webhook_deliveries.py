"""Deliveries in the API: sent again, tried out, and refused while their URL is gone."""

from datetime import timedelta
from typing import Any

import pytest

from tests.eventually import eventually, until
from tests.integration.front_door import Customer
from tests.integration.shop import Shop
from tests.integration.webhook_customers import delivery_of, secret, stands
from tests.integration.webhook_desk import receiver
from tests.servers.receiver import Receiver, answer, hang
from workflows import policies

__all__ = ["receiver", "secret"]


async def test_a_redelivery_says_the_same_under_the_same_id(
    ann: Customer, open_shop: Shop, receiver: Receiver, secret: str
) -> None:
    await ann.start(await open_shop.poses(1), webhookUrl=receiver.url)
    await until(lambda: len(receiver.received) == 1)
    first = receiver.received[0]
    await stands(ann, first.id, "delivered", 1)
    receiver.answers = [answer(503, b"down")]
    for count, status_code in ((2, 503), (3, 200)):
        reply = await ann.ask("POST", f"/webhooks/deliveries/{first.id}/redeliver")
        assert reply.status_code == 202, reply.text
        await stands(ann, first.id, "delivered", count, status_code)
    assert {(each.id, each.body) for each in receiver.received} == {(first.id, first.body)}
    assert receiver.received[2].verified(secret) == first.verified(secret)
    seen = await delivery_of(ann, first.id)
    assert [(each["number"], each["statusCode"], each["errorCode"]) for each in seen["attempts"]] == [
        (1, 200, None),
        (2, 503, "BAD_STATUS"),
        (3, 200, None),
    ]
    assert seen["attempts"][1]["response"] == "down"


async def test_a_redelivery_does_not_wait_for_the_next_attempt(
    ann: Customer, open_shop: Shop, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policies, "RECEIVER_WAITS", (timedelta(hours=1),))
    receiver.answers = [answer(500)]
    await ann.start(await open_shop.poses(1), webhookUrl=receiver.url)
    await until(lambda: len(receiver.received) == 1)
    message = receiver.received[0].id
    waiting = await stands(ann, message, "pending", 1, 500)
    assert waiting["nextAttemptAt"]
    await ann.ask("POST", f"/webhooks/deliveries/{message}/redeliver")
    await stands(ann, message, "delivered", 2)


async def test_a_redelivery_is_refused_while_an_attempt_is_under_way(
    ann: Customer, open_shop: Shop, receiver: Receiver
) -> None:
    receiver.answers = [hang]
    await ann.start(await open_shop.poses(1), webhookUrl=receiver.url)
    await until(lambda: len(receiver.received) == 1)
    reply = await ann.ask("POST", f"/webhooks/deliveries/{receiver.received[0].id}/redeliver")
    assert (reply.status_code, reply.json()["error"]["code"]) == (409, "CONFLICT")


async def test_a_test_answers_what_came_back(
    ann: Customer, open_shop: Shop, receiver: Receiver, secret: str
) -> None:
    reply = await ann.ask("POST", "/webhooks/test", json={"url": receiver.url})
    delivery = reply.json()["delivery"]
    assert (delivery["event"], delivery["status"]) == ("test.ping", "delivered")
    assert delivery["generationId"] is None
    assert (delivery["attempts"][0]["statusCode"], delivery["attempts"][0]["response"]) == (200, "thanks")
    assert receiver.received[0].verified(secret)["type"] == "test.ping"
    assert (await ann.ask("POST", "/webhooks/test")).status_code == 400
    await ann.ask("PUT", "/webhooks", json={"url": receiver.url})
    receiver.answers = [answer(404, b"<h1>no such page</h1>")]
    delivery = (await ann.ask("POST", "/webhooks/test")).json()["delivery"]
    assert (delivery["status"], delivery["errorCode"]) == ("failed", "BAD_STATUS")
    assert delivery["lastStatusCode"] == 404
    assert len(receiver.received) == 2, "a test is not tried again"


async def test_a_url_that_is_gone_is_shown_and_comes_back_when_it_answers(
    ann: Customer, open_shop: Shop, receiver: Receiver
) -> None:
    receiver.answers = [answer(410)]
    await ann.ask("PUT", "/webhooks", json={"url": receiver.url})
    await ann.ask("POST", "/webhooks/test")
    assert [each["url"] for each in (await ann.get("/webhooks"))["disabledUrls"]] == [receiver.url]
    generation = await ann.start(await open_shop.poses(1))
    await open_shop.settled(generation)

    async def written() -> list[dict[str, Any]]:
        page = await ann.get("/webhooks/deliveries", generationId=generation)
        return list(page["deliveries"])

    (refused,) = await eventually(written, bool)
    assert (refused["status"], refused["errorCode"], refused["attemptCount"]) == ("failed", "URL_DISABLED", 0)
    delivered = (await ann.ask("POST", "/webhooks/test")).json()["delivery"]
    assert delivered["status"] == "delivered"
    assert (await ann.get("/webhooks"))["disabledUrls"] == []
    await ann.ask("POST", f"/webhooks/deliveries/{refused['id']}/redeliver")
    await stands(ann, refused["id"], "delivered", 1)
