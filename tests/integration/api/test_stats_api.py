"""A user's own figures at the door: their shape, and whose they are."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from schema.database import Database
from schema.queries import users
from tests.integration.api.conftest import Clients, gallery
from tests.integration.api.stand_in import StandIn


async def started(client: httpx.AsyncClient, project: str, poses: list[str], **more: Any) -> str:
    answer = await client.post("/generate", json=gallery(project, poses, batchSize=1, **more))
    assert answer.status_code == 202, answer.text
    return str(answer.json()["generationId"])


async def stats(client: httpx.AsyncClient) -> dict[str, Any]:
    answer = await client.get("/stats")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_what_a_user_made_and_spent(
    ana: httpx.AsyncClient, gateway: StandIn, project: str, poses: list[str]
) -> None:
    generation = await started(ana, project, poses)
    for index in (0, 1):
        await gateway.deliver(generation, index)
    await gateway.fail(generation, 2)
    while_running = await stats(ana)
    await gateway.settle(generation)
    over = await stats(ana)
    figures = {
        "generations": {"completed": 0, "partial": 1, "failed": 0, "cancelled": 0},
        "items": {"delivered": 2, "failed": 1, "cancelled": 0},
        "successRate": 0.6667,
        "averageTimeMs": 1000,
        "credits": {"charged": 90, "refunded": 30, "net": 60},
        "quota": {"taken": 0, "returned": 0, "net": 0},
    }
    today = datetime.now(UTC).date()
    assert over["totals"] == over["last7Days"] == over["last30Days"] == figures
    assert over["days"][-1] == figures | {"date": today.isoformat()}
    assert [day["date"] for day in over["days"]] == [
        (today - timedelta(days=n)).isoformat() for n in reversed(range(30))
    ]
    nothing = over["days"][0]
    assert (nothing["successRate"], nothing["averageTimeMs"], nothing["items"]["delivered"]) == (
        None,
        None,
        0,
    )
    assert while_running["running"] == {"pending": 0, "processing": 1, "paused": 0}
    assert while_running["totals"]["items"] == figures["items"]
    assert while_running["totals"]["credits"] == figures["credits"]
    assert over["running"] == {"pending": 0, "processing": 0, "paused": 0}
    assert over["unlimited"] is None
    assert [(pose["poseId"], pose["name"], pose["items"]) for pose in over["topPoses"]] == [
        ("pose_arms", "Arms crossed", 1),
        ("pose_lean", "Leaning on a wall", 1),
    ]


async def test_the_totals_are_the_ledgers(
    ana: httpx.AsyncClient, gateway: StandIn, project: str, poses: list[str]
) -> None:
    for end in (None, "CANCELLED", "PROVIDER_ACCOUNT"):
        generation = await started(ana, project, poses)
        await gateway.deliver(generation, 1)
        await gateway.settle(generation, end)
    entries = (await ana.get("/credits/ledger")).json()["entries"]
    money = (await stats(ana))["totals"]["credits"]
    assert money["charged"] == -sum(entry["amount"] for entry in entries if entry["type"] == "charge") == 270
    assert money["refunded"] == sum(entry["amount"] for entry in entries if entry["type"] == "refund") == 180
    assert (await ana.get("/credits")).json()["balance"] == 1000 - money["net"]


async def test_quota_use_is_shown_as_on_the_account(
    ana: httpx.AsyncClient, gateway: StandIn, database: Database, project: str, poses: list[str]
) -> None:
    async with database.transaction() as session:
        await users.set_unlimited(session, "ana", active=True, daily_quota_items=50)
    generation = await started(ana, project, poses)
    await gateway.deliver(generation, 0)
    await gateway.settle(generation, "CANCELLED")
    found = await stats(ana)
    assert found["totals"]["quota"] == {"taken": 3, "returned": 2, "net": 1}
    assert found["totals"]["items"] == {"delivered": 1, "failed": 0, "cancelled": 2}
    assert found["totals"]["successRate"] == 1.0
    assert found["unlimited"] == (await ana.get("/credits")).json()["unlimited"]
    assert (found["unlimited"]["dailyQuota"], found["unlimited"]["used"]) == (50, 1)


async def test_favourites(ana: httpx.AsyncClient, gateway: StandIn, project: str, poses: list[str]) -> None:
    generation = await started(ana, project, poses)
    for index in range(3):
        await gateway.deliver(generation, index)
    items = (await ana.get(f"/generations/{generation}/results")).json()["results"]
    for item in items[:2]:
        await ana.patch(f"/poses/{item['id']}", json={"isFavorite": True})
    await ana.post("/library/pose_arms/favorite")
    assert (await stats(ana))["favorites"] == {"poses": 1, "items": 2}
    await ana.patch(f"/poses/{items[0]['id']}", json={"isFavorite": False})
    await ana.delete("/library/pose_arms/favorite")
    assert (await stats(ana))["favorites"] == {"poses": 0, "items": 1}


async def test_a_stranger_sees_nothing_of_it(
    ana: httpx.AsyncClient, as_user: Clients, gateway: StandIn, project: str, poses: list[str]
) -> None:
    generation = await started(ana, project, poses)
    await gateway.deliver(generation, 0)
    await gateway.settle(generation)
    found = await stats(as_user("ben"))
    assert found["topPoses"] == []
    assert found["totals"]["items"] == {"delivered": 0, "failed": 0, "cancelled": 0}
    assert found["totals"]["credits"] == {"charged": 0, "refunded": 0, "net": 0}
