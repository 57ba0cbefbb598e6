"""Receipts agree with the ledger at every moment; the ledger can be asked for a part of it."""

import asyncio
from typing import Any

import httpx
import pytest

from schema import ids
from schema.database import Database
from schema.errors import SENTENCES
from schema.kinds import BackgroundMode
from schema.messages.changes import ChangeOrder, EndChange
from schema.messages.orders import Background
from schema.queries import audit, background_changes, ledger, users
from tests.integration.api.conftest import Clients, gallery
from tests.integration.api.stand_in import StandIn


async def started(client: httpx.AsyncClient, order: dict[str, Any]) -> str:
    answer = await client.post("/generate", json=order)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["generationId"])


async def receipt_of(client: httpx.AsyncClient, generation: str) -> dict[str, Any]:
    """Whatever it says, its sums agree."""
    answer = await client.get(f"/generations/{generation}/receipt")
    assert answer.status_code == 200, answer.text
    receipt: dict[str, Any] = answer.json()
    amounts = [entry["amount"] for entry in receipt["entries"]]
    assert receipt["charged"] == -sum(amount for amount in amounts if amount < 0)
    assert receipt["refunded"] == sum(amount for amount in amounts if amount > 0)
    assert receipt["paid"] == -sum(amounts)
    lines = receipt["items"] + receipt["changes"]
    assert sum(line["price"] for line in lines) == receipt["charged"]
    assert sum(line["refunded"] for line in lines) == receipt["refunded"]
    assert sum(reason["credits"] for reason in receipt["refunds"]) == receipt["refunded"]
    assert len(receipt["items"]) == receipt["itemsOrdered"]
    delivered = [item for item in receipt["items"] if item["status"] == "completed"]
    assert len(delivered) == receipt["itemsDelivered"]
    if receipt["settledAt"]:
        changed = [change for change in receipt["changes"] if change["status"] != "failed"]
        assert receipt["paid"] == sum(line["price"] for line in delivered + changed)
    return receipt


async def test_a_receipt_tells_each_item_and_each_reason(
    ana: httpx.AsyncClient, gateway: StandIn, project: str, poses: list[str], database: Database
) -> None:
    generation = await started(ana, gallery(project, poses, batchSize=2))
    fresh = await receipt_of(ana, generation)
    assert (fresh["charged"], fresh["refunded"], fresh["settledAt"]) == (180, 0, None)
    assert {item["status"] for item in fresh["items"]} == {"pending"}
    await gateway.deliver(generation, 0)
    await gateway.fail(generation, 1)
    running = await receipt_of(ana, generation)
    assert (running["refunded"], running["status"]) == (30, "processing")
    await gateway.settle(generation, "CANCELLED")
    over = await receipt_of(ana, generation)
    assert (over["charged"], over["refunded"], over["paid"], over["status"]) == (180, 150, 30, "cancelled")
    assert over["refunds"] == [
        {"code": "CANCELLED", "reason": SENTENCES["CANCELLED"], "count": 4, "credits": 120},
        {"code": "PROVIDER_REJECTED", "reason": SENTENCES["PROVIDER_REJECTED"], "count": 1, "credits": 30},
    ]
    assert over["items"][1] == {
        "index": 1,
        "itemId": ids.item_id(generation, 1),
        "poseId": "pose_arms",
        "poseName": "Arms crossed",
        "status": "failed",
        "price": 30,
        "refunded": 30,
        "code": "PROVIDER_REJECTED",
        "reason": SENTENCES["PROVIDER_REJECTED"],
    }
    assert [entry["type"] for entry in over["entries"]] == ["charge", "refund", "refund"]
    async with database.snapshot() as session:
        assert await audit.run(session) == []


async def test_receipts_agree_while_refunds_are_posted(
    ana: httpx.AsyncClient, gateway: StandIn, project: str, poses: list[str]
) -> None:
    generation = await started(ana, gallery(project, poses, batchSize=10))

    async def fail_all() -> None:
        for index in range(30):
            await gateway.fail(generation, index)

    failing = asyncio.create_task(fail_all())
    looks = 0
    while not failing.done():
        await receipt_of(ana, generation)
        looks += 1
    await failing
    assert looks > 1
    assert (await receipt_of(ana, generation))["refunded"] == 900


async def test_later_changes_are_on_the_receipt(
    ana: httpx.AsyncClient, gateway: StandIn, project: str, poses: list[str], database: Database
) -> None:
    generation = await started(ana, gallery(project, poses, batchSize=1))
    for index in range(3):
        await gateway.deliver(generation, index)
    await gateway.settle(generation)
    changes = [await change(database, generation, index) for index in range(2)]
    await end(database, changes[1])
    receipt = await receipt_of(ana, generation)
    assert (receipt["charged"], receipt["refunded"], receipt["paid"]) == (110, 10, 100)
    assert [(line["id"], line["status"], line["price"], line["refunded"]) for line in receipt["changes"]] == [
        (changes[0], "pending", 10, 0),
        (changes[1], "failed", 10, 10),
    ]
    assert receipt["refunds"] == [
        {"code": "BACKGROUND_MISSING", "reason": SENTENCES["BACKGROUND_MISSING"], "count": 1, "credits": 10}
    ]
    assert await entries(ana, generationId=generation) == [
        ("refund", 10),
        ("charge", -10),
        ("charge", -10),
        ("charge", -90),
    ]
    other = await started(ana, gallery(project, poses, batchSize=1))
    assert await entries(ana, generationId=other) == [("charge", -90)]


async def change(database: Database, generation: str, index: int) -> str:
    order = ChangeOrder(
        change_id=ids.background_change_id(),
        user_id="ana",
        generation_id=generation,
        item_id=ids.item_id(generation, index),
        background=Background(mode=BackgroundMode.SOLID_COLOR, color="#FFFFFF"),
        seed=1,
        price_credits=10,
    )
    async with database.transaction() as session:
        await background_changes.charge(session, order)
    return order.change_id


async def end(database: Database, change_id: str) -> None:
    call = EndChange(change_id=change_id, user_id="ana", error_code="BACKGROUND_MISSING")
    async with database.transaction() as session:
        await background_changes.refund(session, call)


async def test_what_the_quota_paid_costs_no_credits(
    ana: httpx.AsyncClient, gateway: StandIn, project: str, poses: list[str], database: Database
) -> None:
    async with database.transaction() as session:
        await users.set_unlimited(session, "ana", active=True)
    generation = await started(ana, gallery(project, poses, batchSize=1))
    await gateway.deliver(generation, 0)
    await gateway.settle(generation, "BAD_IMAGE")
    receipt = await receipt_of(ana, generation)
    assert (receipt["charged"], receipt["entries"]) == (0, [])
    assert (receipt["quotaCharged"], receipt["quotaReturned"]) == (3, 2)
    assert [(reason["code"], reason["count"]) for reason in receipt["refunds"]] == [("BAD_IMAGE", 2)]


async def test_strangers_get_no_receipt(
    ana: httpx.AsyncClient, as_user: Clients, project: str, poses: list[str]
) -> None:
    generation = await started(ana, gallery(project, poses))
    for client, asked in ((as_user("ben"), generation), (ana, "gen_nowhere")):
        answer = await client.get(f"/generations/{asked}/receipt")
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NOT_FOUND")


@pytest.mark.usefixtures("rich")
async def test_the_quoted_price_is_the_charged_one(
    ana: httpx.AsyncClient, project: str, poses: list[str], database: Database
) -> None:
    text = {
        "projectId": project,
        "generationType": "TEXT_DESCRIPTION",
        "textPrompt": "standing with arms crossed",
        "variationCount": 7,
    }
    orders = [
        gallery(project, poses),
        gallery(project, poses[:1], batchSize=1),
        gallery(project, poses, batchSize=10, outputFormats=["tiktok", "print_a4"], prompt="in batik"),
        gallery(
            project,
            poses,
            useBackgroundChanger=True,
            backgroundMode="solid_color",
            backgroundColor="#FFFFFF",
        ),
        text,
    ]
    for unlimited in (False, True):
        async with database.transaction() as session:
            await users.set_unlimited(session, "ana", active=unlimited)
        for order in orders:
            quoted = (await ana.post("/generate?dryRun=true", json=order)).json()
            receipt = await receipt_of(ana, await started(ana, order))
            assert receipt["charged"] == quoted["creditCost"], order
            assert receipt["itemsOrdered"] == quoted["totalPosesExpected"]
            assert (receipt["charged"] == 0) is unlimited


async def entries(client: httpx.AsyncClient, **query: str) -> list[tuple[str, int]]:
    """All pages of two."""
    seen: list[tuple[str, int]] = []
    while True:
        answer = await client.get("/credits/ledger", params=query | {"limit": "2"})
        assert answer.status_code == 200, answer.text
        seen += [(entry["type"], entry["amount"]) for entry in answer.json()["entries"]]
        if not (cursor := answer.json()["nextCursor"]):
            return seen
        query["cursor"] = cursor


async def test_the_ledger_by_type_and_generation(
    *,
    ana: httpx.AsyncClient,
    as_user: Clients,
    gateway: StandIn,
    project: str,
    poses: list[str],
    database: Database,
) -> None:
    made = [await started(ana, gallery(project, poses, batchSize=1)) for _ in range(3)]
    await gateway.fail(made[0], 0)
    await gateway.settle(made[0], "CANCELLED")
    async with database.transaction() as session:
        await ledger.grant(session, "ana", 5, "test:5", "for tests")
    assert await entries(ana, type="grant") == [("grant", 5), ("grant", 1000)]
    assert await entries(ana, type="charge") == [("charge", -90)] * 3
    assert await entries(ana, generationId=made[0]) == [("refund", 60), ("refund", 30), ("charge", -90)]
    assert await entries(ana, generationId=made[0], type="refund") == [("refund", 60), ("refund", 30)]
    assert await entries(ana, generationId=made[1], type="refund") == []
    assert await entries(as_user("ben"), generationId=made[0]) == []
    assert len(await entries(ana)) == 7
    assert (await ana.get("/credits/ledger", params={"type": "theft"})).status_code == 400
