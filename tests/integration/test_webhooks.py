"""From an order to its receiver: API, workflows, worker, books and the call itself on real servers."""

import asyncio
from datetime import timedelta

import httpx
import pytest

from adapters.webhooks import sender
from schema.kinds import WebhookEvent
from schema.queries.webhooks import attempts, messages
from tests.eventually import eventually, until
from tests.integration.front_door import Customer
from tests.integration.shop import Shop
from tests.integration.webhook_customers import EVERYTHING, secret
from tests.integration.webhook_desk import receiver
from tests.servers.receiver import Receiver, answer, hang, receiving
from workflows import policies, pools, worker
from workflows.webhook_gateway import WebhookGateway

__all__ = ["receiver", "secret"]


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
