"""What orders are made of and paid with: library, projects, credits, formats."""

import httpx

from schema.database import Database
from schema.queries import ledger, users
from tests.integration.api.conftest import Clients
from tests.integration.api.ordering import started
from tests.integration.api.stand_in import StandIn

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
