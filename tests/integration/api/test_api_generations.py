"""A generation after its order: history, status, results, single pictures, and who may stop it."""

import httpx
import pytest

from schema import ids
from schema.messages.fates import Progress
from tests.integration.api.conftest import Clients
from tests.integration.api.ordering import started
from tests.integration.api.stand_in import StandIn


async def test_history_pages_newest_first(
    ana: httpx.AsyncClient, gateway: StandIn, project: str, poses: list[str]
) -> None:
    made = [await started(ana, project, poses[:1]) for _ in range(5)]
    await gateway.settle(made[0], "CANCELLED")
    seen: list[str] = []
    cursor = None
    while True:
        answer = await ana.get("/generations", params={"limit": 2} | ({"cursor": cursor} if cursor else {}))
        page = answer.json()
        seen += [generation["id"] for generation in page["generations"]]
        cursor = page["nextCursor"]
        if not cursor:
            break
    assert seen == made[::-1]
    cancelled = (await ana.get("/generations", params={"status": "cancelled"})).json()["generations"]
    assert [(one["id"], one["creditRefunded"]) for one in cancelled] == [(made[0], 30)]
    assert len((await ana.get("/generations", params={"projectId": project})).json()["generations"]) == 5
    assert (await ana.get("/generations", params={"projectId": "proj_x"})).json()["generations"] == []


async def test_garbage_cursors(ana: httpx.AsyncClient) -> None:
    for cursor in ("garbage", "%%%", "AAAA", "w6k", "bm90IGEgZGF0ZXx4"):
        for path in ("/generations", "/credits/ledger"):
            answer = await ana.get(path, params={"cursor": cursor})
            assert (answer.status_code, answer.json()["error"]["code"]) == (400, "VALIDATION_ERROR"), path


async def test_status_of_a_running_and_a_settled_generation(
    ana: httpx.AsyncClient, gateway: StandIn, project: str, poses: list[str]
) -> None:
    generation = await started(ana, project, poses)
    await gateway.begin(generation)
    await gateway.deliver(generation, 0)
    found = (await ana.get(f"/generations/{generation}")).json()
    assert found["stale"] is False
    assert found["generation"]["status"] == found["progress"]["currentStatus"] == "processing"
    assert (found["generation"]["posesCompleted"], found["generation"]["totalExpectedPoses"]) == (1, 3)
    assert (found["progress"]["percentage"], found["progress"]["posesTotal"]) == (33, 3)
    await gateway.fail(generation, 1)
    await gateway.deliver(generation, 2)
    await gateway.settle(generation)
    asked = gateway.asked[generation]
    over = (await ana.get(f"/generations/{generation}")).json()
    assert gateway.asked[generation] == asked, "a settled generation is answered from the database"
    assert (over["generation"]["status"], over["stale"]) == ("partial", False)
    assert (over["generation"]["creditCharged"], over["generation"]["creditRefunded"]) == (90, 30)
    assert over["progress"]["percentage"] == 100


async def test_one_that_ends_while_it_is_asked_has_all_of_its_end(
    ana: httpx.AsyncClient,
    gateway: StandIn,
    project: str,
    poses: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    generation = await started(ana, project, poses)
    progress = gateway.progress

    async def ending(generation_id: str, since: int = 0) -> Progress:
        await gateway.settle(generation_id)
        return await progress(generation_id, since)

    monkeypatch.setattr(gateway, "progress", ending)
    found = (await ana.get(f"/generations/{generation}")).json()
    assert found["progress"]["currentStatus"] == found["generation"]["status"] == "failed"
    assert found["generation"]["completedAt"]
    assert (await ana.get(f"/generations/{generation}")).json() == found


async def test_status_is_stale_while_temporal_is_away(
    ana: httpx.AsyncClient, gateway: StandIn, project: str, poses: list[str]
) -> None:
    generation = await started(ana, project, poses)
    await gateway.deliver(generation, 0)
    gateway.away = True
    for _ in range(10):
        found = (await ana.get(f"/generations/{generation}")).json()
        assert (found["stale"], found["progress"]["posesCompleted"]) == (True, 1)
    assert gateway.asked[generation] <= 3, "after a few failures nobody asks for a while"


async def test_results_page_in_order(
    ana: httpx.AsyncClient, gateway: StandIn, project: str, poses: list[str]
) -> None:
    generation = await started(ana, project, poses, batch=2)
    for index in (4, 0, 2):
        await gateway.deliver(generation, index)
    await gateway.fail(generation, 1)
    first = (await ana.get(f"/generations/{generation}/results", params={"limit": 3})).json()
    assert [item["index"] for item in first["results"]] == [0, 1, 2]
    rest = await ana.get(f"/generations/{generation}/results", params={"cursor": first["nextCursor"]})
    assert [item["index"] for item in rest.json()["results"]] == [4]
    assert rest.json()["nextCursor"] is None
    head = first["generation"]
    assert (head["totalPoses"], head["successCount"], head["failedCount"]) == (6, 3, 1)
    delivered, failed = first["results"][:2]
    assert delivered["thumbnailUrl"].startswith("http")
    assert delivered["outputImageUrl"].startswith("http")
    assert (failed["status"], failed["errorCode"], failed["outputImageUrl"]) == (
        "failed",
        "PROVIDER_REJECTED",
        None,
    )
    assert failed["error"]
    only = await ana.get(f"/generations/{generation}/results", params={"status": "completed"})
    assert [item["index"] for item in only.json()["results"]] == [0, 2, 4]


async def test_one_picture_and_its_favourite_mark(
    ana: httpx.AsyncClient, as_user: Clients, gateway: StandIn, project: str, poses: list[str]
) -> None:
    generation = await started(ana, project, poses)
    await gateway.deliver(generation, 0)
    item = ids.item_id(generation, 0)
    assert (await ana.get(f"/poses/{item}")).json()["pose"]["isFavorite"] is False
    marked = await ana.patch(f"/poses/{item}", json={"isFavorite": True})
    assert marked.json()["pose"]["isFavorite"] is True
    assert (await ana.get(f"/poses/{item}")).json()["pose"]["isFavorite"] is True
    assert (await ana.patch(f"/poses/{item}", json={})).status_code == 400
    ben = as_user("ben")
    assert (await ben.get(f"/poses/{item}")).status_code == 404
    assert (await ben.patch(f"/poses/{item}", json={"isFavorite": False})).status_code == 404


async def test_control_by_the_owner_only(
    ana: httpx.AsyncClient, as_user: Clients, gateway: StandIn, project: str, poses: list[str]
) -> None:
    generation = await started(ana, project, poses)
    ben = as_user("ben")
    for action in ("cancel", "pause", "resume"):
        assert (await ben.post(f"/generations/{generation}/{action}")).status_code == 404
    assert gateway.cancelled == []
    assert (await ana.post(f"/generations/{generation}/pause")).json()["status"] == "paused"
    assert (await ana.get(f"/generations/{generation}")).json()["generation"]["status"] == "paused"
    assert (await ana.post(f"/generations/{generation}/resume")).json()["status"] == "processing"
    for _ in range(2):
        assert (await ana.post(f"/generations/{generation}/cancel")).status_code == 202
    assert gateway.cancelled == [generation]
    assert (await ana.get("/credits")).json()["balance"] == 1000
    for action in ("pause", "resume"):
        late = await ana.post(f"/generations/{generation}/{action}")
        assert (late.status_code, late.json()["error"]["code"]) == (409, "CONFLICT")
