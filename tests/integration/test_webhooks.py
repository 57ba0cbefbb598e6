"""From an order to its receiver: API, workflows, worker, books and the call itself on real servers."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from typing import Any

import httpx
import pytest

from adapters.webhooks import sender
from schema.kinds import WebhookEvent
from schema.queries.webhooks import attempts, messages
from schema.settings import Settings
from tests.eventually import eventually, until
from tests.integration.front_door import Customer
from tests.integration.shop import Shop
from tests.servers.receiver import Receiver, answer, hang, receiving
from workflows import policies, pools, worker
from workflows.webhook_gateway import WebhookGateway

EVERYTHING = [event.value for event in WebhookEvent]


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver


@pytest.fixture
async def secret(ann: Customer) -> str:
    return await rotated(ann)


async def rotated(customer: Customer, **how: Any) -> str:
    reply = await customer.ask("POST", "/webhooks/secret", **how)
    assert reply.status_code == 200, reply.text
    return str(reply.json()["secret"])


async def delivery_of(customer: Customer, delivery_id: str) -> dict[str, Any]:
    found: dict[str, Any] = (await customer.get(f"/webhooks/deliveries/{delivery_id}"))["delivery"]
    return found


async def stands(
    customer: Customer, delivery_id: str, status: str, attempt_count: int, status_code: int = 200
) -> dict[str, Any]:
    """Once that many attempts are over, the last one answered with that status code."""
    wanted = (status, attempt_count, status_code)
    return await eventually(
        partial(delivery_of, customer, delivery_id),
        lambda seen: (seen["status"], seen["attemptCount"], seen["lastStatusCode"]) == wanted,
    )


async def test_pictures_and_the_end_are_told_of(
    ann: Customer, open_shop: Shop, receiver: Receiver, secret: str
) -> None:
    generation = await ann.start(
        await open_shop.poses(3), webhookUrl=receiver.url, webhookEvents=EVERYTHING, outputFormats=["web"]
    )
    await until(lambda: len(receiver.received) == 4)
    told = {each.id: each.verified(secret)["data"] for each in receiver.received}
    name = generation.replace("gen_", "msg_")
    assert set(told) == {
        f"{name}_generation_completed",
        *(f"{name}_item_completed_{n:03d}" for n in range(3)),
    }
    end = told[f"{name}_generation_completed"]
    assert (end["status"], end["posesCompleted"], end["creditCharged"]) == ("completed", 3, 90)
    results = await ann.ask("GET", end["resultsUrl"])
    assert [item["id"] for item in results.json()["results"]] == [
        told[f"{name}_item_completed_{n:03d}"]["itemId"] for n in range(3)
    ]
    picture = told[f"{name}_item_completed_001"]
    assert (await ann.ask("GET", picture["itemUrl"])).json()["pose"]["index"] == 1
    async with httpx.AsyncClient() as shop:
        for url in (picture["outputImageUrl"], picture["thumbnailUrl"], picture["exports"]["web"]["url"]):
            assert (await shop.get(url)).status_code == 200
    listed = (await ann.get("/webhooks/deliveries", generationId=generation))["deliveries"]
    assert {each["id"] for each in listed} == set(told)
    await open_shop.books_agree()


async def test_failed_and_cancelled_ends_have_their_own_events(
    ann: Customer, open_shop: Shop, receiver: Receiver, secret: str
) -> None:
    await open_shop.faults({"kind": "error_422", "stage": "submit", "count": 2})
    await ann.start(await open_shop.poses(2), webhookUrl=receiver.url)
    await until(lambda: len(receiver.received) == 1)
    failed = receiver.received[0].verified(secret)
    assert failed["type"] == "generation.failed"
    assert failed["data"]["errorCode"] == "PROVIDER_REJECTED"
    assert (failed["data"]["posesFailed"], failed["data"]["creditRefunded"]) == (2, 60)
    await open_shop.faults({"kind": "never_ends", "count": None})
    cancelled = await ann.start(await open_shop.poses(2), webhookUrl=receiver.url)
    await ann.control(cancelled, "cancel")
    await until(lambda: len(receiver.received) == 2)
    told = receiver.received[1].verified(secret)
    assert (told["type"], told["data"]["generationId"]) == ("generation.cancelled", cancelled)
    assert (told["data"]["status"], told["data"]["creditRefunded"]) == ("cancelled", 60)


async def test_settings_hold_for_generations_that_say_nothing(
    ann: Customer, open_shop: Shop, receiver: Receiver
) -> None:
    poses = await open_shop.poses(1)
    body = {"url": receiver.url, "events": ["generation.completed"]}
    assert (await ann.ask("PUT", "/webhooks", json=body)).status_code == 200
    by_settings = await ann.start(poses)
    await until(lambda: len(receiver.received) == 1)
    async with receiving() as other:
        by_itself = await ann.start(poses, webhookUrl=other.url, webhookEvents=["item.completed"])
        silent = await ann.start(poses, webhookEvents=[])
        await until(lambda: len(other.received) == 1)
        await open_shop.settled(silent)
    assert other.received[0].payload["data"]["generationId"] == by_itself
    assert [each.payload["data"]["generationId"] for each in receiver.received] == [by_settings]
    await ann.ask("PUT", "/webhooks", json={"url": None})
    await open_shop.settled(await ann.start(poses))
    assert len((await ann.get("/webhooks/deliveries"))["deliveries"]) == 2


async def test_a_retry_tells_whom_the_first_one_told(
    ann: Customer, open_shop: Shop, receiver: Receiver
) -> None:
    await open_shop.faults({"kind": "error_422", "stage": "submit", "count": 1})
    first = await ann.start(await open_shop.poses(1), webhookUrl=receiver.url)
    await until(lambda: len(receiver.received) == 1)
    again = (await ann.control(first, "retry")).json()["generationId"]
    await until(lambda: len(receiver.received) == 2)
    data = receiver.received[1].payload["data"]
    assert (data["generationId"], data["retryOf"], data["status"]) == (again, first, "completed")


async def test_a_worker_that_ends_between_attempts_is_followed_by_another(
    shop: Shop, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policies, "RECEIVER_WAITS", (timedelta(seconds=3), timedelta(seconds=3)))
    receiver.answers = [answer(500)]
    order = await shop.order(1, webhook_url=receiver.url, webhook_events=tuple(WebhookEvent))
    async with worker.serving(shop.settings, shop.temporal):
        generation = await shop.start(order.model_copy(update={"webhook_events": tuple(WebhookEvent)[:1]}))
        await until(lambda: len(receiver.received) == 1)
        await shop.settled(generation)
    async with worker.serving(shop.settings, shop.temporal):
        await until(lambda: len(receiver.received) == 2)
    assert len({each.id for each in receiver.received}) == 1


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


async def test_receivers_that_hang_hold_up_no_generation(
    ann: Customer, open_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More of them than the ledger has slots, all under way, when a generation starts."""
    many = pools.LEDGER_SLOTS + 10
    for module, name in ((attempts, "AT_ONCE"), (attempts, "AT_ONCE_TO_HOST"), (messages, "PINGS_A_MINUTE")):
        monkeypatch.setattr(module, name, many)
    monkeypatch.setattr(sender, "TOTAL_S", 25)
    async with receiving(hang) as dead:
        await asyncio.gather(*(_ping(open_shop, dead.url) for _ in range(many)))
        await until(lambda: dead.open == many)
        generation = await ann.start(await open_shop.poses(2))
        assert dead.open == many
        await open_shop.settled(generation)


async def _ping(shop: Shop, url: str) -> None:
    async with shop.database.transaction() as session:
        message = await messages.write_ping(session, "ann", url)
    await WebhookGateway(shop.temporal).start(message)


async def test_secrets_are_nowhere_but_in_the_answer(
    ann: Customer,
    open_shop: Shop,
    receiver: Receiver,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    secrets = [await rotated(ann), await rotated(ann)]
    await ann.start(await open_shop.poses(1), webhookUrl=receiver.url, webhookEvents=EVERYTHING)
    await ann.ask("POST", "/webhooks/test", json={"url": receiver.url})
    await until(lambda: len(receiver.received) == 3)
    shown = [json.dumps(await ann.get(path)) for path in ("/webhooks", "/webhooks/deliveries")]
    for each in receiver.received:
        await stands(ann, each.id, "delivered", 1)
        shown.append(json.dumps(await delivery_of(ann, each.id)))
    histories = await _everything_temporal_knows(open_shop)
    assert len(histories) == 4
    for secret in secrets:
        bare = secret.removeprefix("whsec_")
        for place in (*histories, *shown, caplog.text):
            assert bare not in place


async def _everything_temporal_knows(shop: Shop) -> list[str]:
    """Of every run: its list entry, and its history with all payloads in clear."""

    async def all_seen() -> list[str]:
        return [run.id async for run in shop.temporal.list_workflows("")]

    ids = await eventually(all_seen, lambda seen: len(seen) == 4)
    found: list[str] = []
    for workflow_id in ids:
        handle = shop.temporal.get_workflow_handle(workflow_id)
        history = await handle.fetch_history()
        payloads = b"".join(event.SerializeToString() for event in history.events)
        described = await handle.describe()
        found.append(payloads.decode(errors="replace") + str(described.raw_description))
    return found


async def test_strangers_see_nothing_of_it(
    ann: Customer, open_shop: Shop, door: str, settings: Settings, receiver: Receiver
) -> None:
    await ann.start(await open_shop.poses(1), webhookUrl=receiver.url)
    await until(lambda: len(receiver.received) == 1)
    message = receiver.received[0].id
    await open_shop.welcome("bob", 0)
    bob = Customer.of(settings, door, "bob")
    async with bob.http:
        for method, path in (("GET", ""), ("POST", "/redeliver")):
            reply = await bob.ask(method, f"/webhooks/deliveries/{message}{path}")
            assert (reply.status_code, reply.json()["error"]["code"]) == (404, "NOT_FOUND")
        assert (await bob.get("/webhooks/deliveries"))["deliveries"] == []
        generation = receiver.received[0].payload["data"]["generationId"]
        assert (await bob.get("/webhooks/deliveries", generationId=generation))["deliveries"] == []
        assert (await bob.get("/webhooks"))["secret"] is None
    await asyncio.sleep(0)
    assert len(receiver.received) == 1


async def test_the_operator_finds_a_message_and_reads_it(
    ann: Customer, open_shop: Shop, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    receiver.usually = answer(500)
    await ann.start(await open_shop.poses(1), webhookUrl=receiver.url)
    await until(lambda: len(receiver.received) == 1)
    query = (
        "WorkflowType = 'WebhookWorkflow' AND PoseUserId = 'ann' AND PoseStatus = 'pending'"
        " AND PoseErrorCode = 'BAD_STATUS'"
    )

    async def found() -> list[str]:
        return [run.id async for run in open_shop.temporal.list_workflows(query)]

    assert await eventually(found, bool) == [receiver.received[0].id]
    described = await open_shop.temporal.get_workflow_handle(receiver.received[0].id).describe()
    assert await described.static_summary() == f"generation.completed to 127.0.0.1:{receiver.port}"
