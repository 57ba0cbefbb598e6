"""Reading and small writes: history, results, library, projects, pictures, formats, credits, files."""

import httpx
import pytest

from adapters.storage.factory import open_storage
from schema import ids
from schema.database import Database
from schema.messages.fates import Progress
from schema.queries import ledger, users
from schema.settings import Settings
from tests.integration.api.conftest import Clients, gallery
from tests.integration.api.stand_in import StandIn
from tests.servers.disk import out_of_order


async def started(client: httpx.AsyncClient, project: str, poses: list[str], batch: int = 1) -> str:
    answer = await client.post("/generate", json=gallery(project, poses, batchSize=batch))
    assert answer.status_code == 202, answer.text
    return str(answer.json()["generationId"])


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


WISHES: list[tuple[dict[str, str], set[str]]] = [
    ({}, {"pose_arms", "pose_lean", "pose_chair", "pose_gold"}),
    ({"category": "standing"}, {"pose_arms", "pose_lean", "pose_gold"}),
    ({"category": "relaxed"}, {"pose_lean"}),
    ({"category": "nowhere"}, set()),
    ({"difficulty": "advanced"}, {"pose_chair"}),
    ({"gender": "female"}, {"pose_lean"}),
    ({"featured": "true"}, {"pose_arms"}),
    ({"premium": "false"}, {"pose_arms", "pose_lean", "pose_chair"}),
    ({"tags": "wall, chair"}, {"pose_lean", "pose_chair"}),
    ({"search": "arms"}, {"pose_arms"}),
    ({"search": "sitt cha"}, {"pose_chair"}),
    ({"search": "leening"}, {"pose_lean"}),
    ({"search": "crosed arms"}, {"pose_arms"}),
    ({"search": "arms & ' | !:* \\ --"}, {"pose_arms"}),
    ({"search": "zebra"}, set()),
    ({"search": "hidden"}, set()),
]


async def test_library_filters(ana: httpx.AsyncClient, poses: list[str]) -> None:
    for query, expected in WISHES:
        found = (await ana.get("/library", params=query)).json()
        assert {pose["id"] for pose in found["poses"]} == expected, query
        assert found["pagination"]["total"] == len(expected), query


async def test_library_sorts_and_pages(ana: httpx.AsyncClient, poses: list[str]) -> None:
    by_name = (await ana.get("/library", params={"sort": "name", "limit": 3})).json()
    assert [pose["name"] for pose in by_name["poses"]] == ["Arms crossed", "Golden leap", "Leaning on a wall"]
    assert by_name["pagination"] == {"page": 1, "limit": 3, "total": 4, "totalPages": 2}
    last = (await ana.get("/library", params={"sort": "name", "limit": 3, "page": 2})).json()
    assert [pose["name"] for pose in last["poses"]] == ["Sitting on a chair"]
    for sort in ("relevance", "popular", "newest", "rating", "usage"):
        assert (await ana.get("/library", params={"sort": sort, "search": "a"})).status_code == 200
    assert (await ana.get("/library", params={"sort": "colour"})).status_code == 400
    assert (await ana.get("/library", params={"limit": 101})).status_code == 400


async def test_one_pose_and_the_tree(ana: httpx.AsyncClient, poses: list[str]) -> None:
    pose = (await ana.get("/library/pose_arms")).json()["pose"]
    assert (len(pose["keypoints"]), pose["keypoints"][17], pose["isFeatured"]) == (18, None, True)
    for hidden in ("pose_hidden", "pose_nowhere"):
        assert (await ana.get(f"/library/{hidden}")).status_code == 404
    tree = (await ana.get("/categories")).json()["categories"]
    assert [(branch["id"], branch["poseCount"]) for branch in tree] == [("standing", 3), ("sitting", 1)]
    assert [child["id"] for child in tree[0]["children"]] == ["relaxed"]


async def test_projects_from_birth_to_end(
    ana: httpx.AsyncClient, as_user: Clients, gateway: StandIn, poses: list[str]
) -> None:
    created = await ana.post("/projects", json={"projectName": " Spring ", "description": "Batik"})
    assert created.status_code == 201
    project = created.json()["project"]
    assert (project["projectName"], project["status"], project["avatarSource"]) == (
        "Spring",
        "active",
        "AVATAR_CREATOR",
    )
    path = f"/projects/{project['id']}"
    changed = (await ana.put(path, json={"description": None, "status": "archived"})).json()["project"]
    assert (changed["projectName"], changed["description"], changed["status"]) == ("Spring", None, "archived")
    await ana.put(path, json={"status": "active"})
    ben = as_user("ben")
    for answer in (await ben.get(path), await ben.put(path, json={}), await ben.delete(path)):
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NOT_FOUND")
    generation = await started(ana, project["id"], poses)
    refused = await ana.delete(path)
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "CONFLICT")
    await gateway.settle(generation, "CANCELLED")
    assert (await ana.delete(path)).status_code == 204
    assert (await ana.get(path)).status_code == 404
    assert (await ana.get("/projects")).json() == {
        "projects": [],
        "pagination": {"page": 1, "limit": 20, "total": 0, "totalPages": 0},
    }
    assert (await ana.get(f"/generations/{generation}")).status_code == 200


async def test_bad_projects(ana: httpx.AsyncClient) -> None:
    faults: list[tuple[dict[str, str], int]] = [
        ({"projectName": ""}, 400),
        ({"projectName": "  "}, 400),
        ({"projectName": "x" * 201}, 400),
        ({"projectName": "x", "avatarSource": "DREAM"}, 400),
        ({"projectName": "x", "avatarImageUrl": "ftp://x"}, 400),
        ({"projectName": "x", "avatarId": "avt_nowhere"}, 404),
    ]
    for draft, status in faults:
        assert (await ana.post("/projects", json=draft)).status_code == status, draft


async def test_credits_and_ledger(ana: httpx.AsyncClient, database: Database) -> None:
    assert (await ana.get("/credits")).json() == {"balance": 1000, "unlimited": None}
    async with database.transaction() as session:
        for n in range(3):
            await ledger.grant(session, "ana", 10, f"test:{n}", "for tests")
    first = (await ana.get("/credits/ledger", params={"limit": 3})).json()
    assert [entry["balanceAfter"] for entry in first["entries"]] == [1030, 1020, 1010]
    rest = (await ana.get("/credits/ledger", params={"cursor": first["nextCursor"]})).json()
    assert [(entry["type"], entry["amount"]) for entry in rest["entries"]] == [("grant", 1000)]
    assert rest["nextCursor"] is None
    async with database.transaction() as session:
        await users.set_unlimited(session, "ana", active=True)
    unlimited = (await ana.get("/credits")).json()["unlimited"]
    assert unlimited == {"dailyQuota": 100, "used": 0, "resetsAt": None, "expiresAt": None}


async def test_formats(ana: httpx.AsyncClient) -> None:
    found = (await ana.get("/formats")).json()
    by_name = {format_["name"]: format_ for format_ in found["formats"]}
    assert (by_name["tiktok"]["width"], by_name["tiktok"]["height"]) == (1080, 1920)
    assert by_name["shopee_product"]["aliases"] == ["shopee"]
    assert by_name["print_a4"]["estimatedBytes"] > by_name["tiktok"]["estimatedBytes"]
    assert set(found["useCases"]) == {"social_media", "ecommerce", "print", "all_social"}
    assert all(name in by_name for names in found["useCases"].values() for name in names)


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


@pytest.fixture
async def picture(ana: httpx.AsyncClient, gateway: StandIn, project: str, poses: list[str]) -> str:
    """The id of a delivered item."""
    generation = await started(ana, project, poses)
    await gateway.deliver(generation, 0)
    return ids.item_id(generation, 0)


async def test_files_by_signature_only(
    ana: httpx.AsyncClient, settings: Settings, base_url: str, picture: str
) -> None:
    url = httpx.URL((await ana.get(f"/poses/{picture}")).json()["pose"]["outputImageUrl"])
    storage, key, data = open_storage(settings), url.path.removeprefix("/files/"), b"<script>no picture"
    await storage.put(key, data)
    here = httpx.URL(base_url)
    url = url.copy_with(host=here.host, port=here.port)
    async with httpx.AsyncClient() as anyone:
        got = await anyone.get(url)
        assert (got.status_code, got.content) == (200, data)
        assert got.headers["Content-Type"] == "image/png"
        assert got.headers["X-Content-Type-Options"] == "nosniff"
        assert "private" in got.headers["Cache-Control"]
        assert "sandbox" in got.headers["Content-Security-Policy"]
        assert (await anyone.head(url)).headers["Content-Length"] == str(len(data))
        part = await anyone.get(url, headers={"Range": "bytes=0-6"})
        assert (part.status_code, part.content) == (206, b"<script")
        for forged in (
            url.copy_remove_param("sig"),
            url.copy_set_param("exp", "9999999999"),
            url.copy_set_param("dl", "evil.html"),
            url.copy_with(path=url.path.replace("_000", "_001")),
            url.copy_with(raw_path=b"/files/..%2f..%2fetc/passwd?" + url.query),
        ):
            refused = await anyone.get(forged)
            assert (refused.status_code, refused.json()["error"]["code"]) == (403, "FORBIDDEN")
        await storage.delete(key)
        assert (await anyone.get(url)).status_code == 404


async def test_a_file_on_a_disk_in_trouble_is_not_there_now(settings: Settings, base_url: str) -> None:
    storage = open_storage(settings)
    await storage.put("generated/gen_x/item_y.png", b"picture")
    path = httpx.URL(storage.url("generated/gen_x/item_y.png")).raw_path.decode()
    async with httpx.AsyncClient(base_url=base_url) as anyone:
        with out_of_order(settings.storage_local_path):
            got = await anyone.get(path)
        assert (got.status_code, got.json()["error"]["code"]) == (503, "UNAVAILABLE")
        assert (await anyone.get(path)).content == b"picture"


async def test_a_download_name_is_part_of_the_signature(settings: Settings, base_url: str) -> None:
    storage = open_storage(settings)
    await storage.put("generated/gen_x/item_y.png", b"picture")
    url = httpx.URL(storage.url("generated/gen_x/item_y.png", download_name="my pose.png"))
    async with httpx.AsyncClient(base_url=base_url) as anyone:
        got = await anyone.get(url.raw_path.decode())
    assert (got.status_code, got.content) == (200, b"picture")
    assert got.headers["Content-Disposition"].startswith("attachment;")
    assert "my%20pose.png" in got.headers["Content-Disposition"]
