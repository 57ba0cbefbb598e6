"""What nobody else sees of a customer's webhooks: the secrets, and how deliveries stand."""

import asyncio
import json
import logging

import pytest

from schema.settings import Settings
from tests.eventually import eventually, until
from tests.integration.front_door import Customer
from tests.integration.shop import Shop
from tests.integration.webhook_customers import EVERYTHING, delivery_of, rotated, stands
from tests.integration.webhook_desk import receiver
from tests.servers.receiver import Receiver

__all__ = ["receiver"]


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
