"""Pose requests: asking, voting once, and what admins make of them."""

import asyncio
from typing import Any

import httpx
import pytest
from sqlmodel import func, select

from schema.database import Database
from schema.tables import PoseRequestVote
from tests.integration.api.conftest import Clients

WISH = {"poseName": "Holding an umbrella", "description": "Standing, one hand holds an open umbrella"}


@pytest.fixture
async def admin(as_user: Clients) -> httpx.AsyncClient:
    return as_user("root", role="admin")


async def asked(client: httpx.AsyncClient, **more: Any) -> dict[str, Any]:
    answer = await client.post("/requests", json=WISH | more)
    assert answer.status_code == 201, answer.text
    return dict(answer.json()["request"])


async def decide(admin: httpx.AsyncClient, request: dict[str, Any], **values: Any) -> httpx.Response:
    return await admin.patch(f"/requests/{request['id']}", json=values)


async def test_asking_counts_as_a_vote(ana: httpx.AsyncClient, as_user: Clients, poses: list[str]) -> None:
    whole = {
        "categoryId": "standing",
        "useCase": "e-commerce",
    }
    request = await asked(ana, **whole)
    assert request.items() >= (WISH | whole).items()
    assert (request["status"], request["voteCount"], request["hasVoted"], request["isMine"]) == (
        "pending",
        1,
        True,
        True,
    )
    again = await ana.post(f"/requests/{request['id']}/vote")
    assert (again.status_code, again.json()["request"]["voteCount"]) == (200, 1)
    ben = as_user("ben")
    seen = (await ben.get("/requests")).json()["requests"][0]
    assert (seen["id"], seen["hasVoted"], seen["isMine"]) == (request["id"], False, False)
    assert "ana" not in str(seen), "nobody learns who asked"


async def test_most_voted_first_then_the_newest(ana: httpx.AsyncClient, as_user: Clients) -> None:
    first, second, third = [await asked(ana, poseName=f"Pose {n}") for n in range(3)]
    for user, request in (("ben", first), ("cat", first), ("ben", second)):
        assert (await as_user(user).post(f"/requests/{request['id']}/vote")).status_code == 200
    fourth = await asked(ana, poseName="Pose 3")
    order = [first["id"], second["id"], fourth["id"], third["id"]]
    pages = [(await ana.get("/requests", params={"limit": 3, "page": n})).json() for n in (1, 2)]
    assert [request["id"] for page in pages for request in page["requests"]] == order
    assert pages[0]["pagination"] == {"page": 1, "limit": 3, "total": 4, "totalPages": 2}
    assert [request["voteCount"] for request in pages[0]["requests"]] == [3, 2, 1]


async def test_50_votes_at_once_are_50_and_repeats_are_none(
    ana: httpx.AsyncClient, as_user: Clients, database: Database
) -> None:
    request = await asked(ana)
    path = f"/requests/{request['id']}/vote"
    voters = [as_user(f"voter{n}") for n in range(50)]
    answers = await asyncio.gather(*(voter.post(path) for voter in voters for _ in range(2)))
    assert {answer.status_code for answer in answers} == {200}
    assert (await ana.get("/requests")).json()["requests"][0]["voteCount"] == 51
    async with database.transaction() as session:
        assert await session.scalar(select(func.count()).select_from(PoseRequestVote)) == 51


REFUSED: list[tuple[dict[str, Any], str, str]] = [
    ({"poseName": ""}, "VALIDATION_ERROR", "poseName"),
    ({"poseName": None}, "VALIDATION_ERROR", "poseName"),
    ({"description": "x"}, "VALIDATION_ERROR", "description"),
    ({"description": "x" * 2001}, "VALIDATION_ERROR", "description"),
    ({"useCase": "fun"}, "VALIDATION_ERROR", "useCase"),
    ({"referenceImageUrl": "http://shop.example/a.jpg"}, "VALIDATION_ERROR", "referenceImageUrl"),
    ({"referenceImageUrl": "javascript:alert(1)"}, "VALIDATION_ERROR", "referenceImageUrl"),
    ({"categoryId": "nowhere"}, "VALIDATION_ERROR", "categoryId"),
    ({"poseName": "n u d e"}, "INVALID_PROMPT", ""),
    ({"description": "lying down, nude"}, "INVALID_PROMPT", ""),
]


@pytest.mark.parametrize(("change", "code", "path"), REFUSED)
async def test_wrong_wishes_are_refused(
    ana: httpx.AsyncClient, change: dict[str, Any], code: str, path: str
) -> None:
    answer = await ana.post("/requests", json=WISH | change)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (400, code)
    if path:
        assert [detail["path"] for detail in error["details"]] == [path]
    assert (await ana.get("/requests")).json()["requests"] == []


async def test_nobody_asks_without_end(ana: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("schema.queries.pose_requests.MAX_PENDING", 2)
    answers = await asyncio.gather(*(ana.post("/requests", json=WISH) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [201] * 2 + [409] * 4


async def test_only_admins_decide(ana: httpx.AsyncClient, admin: httpx.AsyncClient) -> None:
    request = await asked(ana)
    refused = await decide(ana, request, status="approved")
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "FORBIDDEN")
    for answer in (
        await decide(admin, {"id": "req_nowhere"}, status="approved"),
        await ana.post("/requests/req_nowhere/vote"),
    ):
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NOT_FOUND")


async def test_from_wish_to_pose(ana: httpx.AsyncClient, admin: httpx.AsyncClient, poses: list[str]) -> None:
    request = await asked(ana)
    for status in ("approved", "in_progress"):
        changed = await decide(admin, request, status=status, adminNotes=f"now {status}")
        assert (changed.status_code, changed.json()["request"]["status"]) == (200, status)
        assert (await ana.get("/requests", params={"status": status})).json()["pagination"]["total"] == 1
    done = await decide(admin, request, status="completed", completedPoseId="pose_arms")
    seen = done.json()["request"]
    assert (seen["status"], seen["completedPoseId"], seen["adminNotes"]) == (
        "completed",
        "pose_arms",
        "now in_progress",
    )
    assert (seen["isMine"], seen["hasVoted"], seen["voteCount"]) == (False, False, 1)
    again = await decide(admin, request, status="completed", completedPoseId="pose_arms", adminNotes=None)
    assert (again.status_code, again.json()["request"]["adminNotes"]) == (200, None)
    other = await decide(admin, request, status="completed", completedPoseId="pose_lean")
    assert (other.status_code, other.json()["error"]["code"]) == (409, "CONFLICT")
    assert (await ana.get("/requests", params={"status": "pending"})).json()["requests"] == []


REACHED: dict[str, list[str]] = {
    "pending": [],
    "approved": ["approved"],
    "in_progress": ["approved", "in_progress"],
    "rejected": ["rejected"],
    "completed": ["approved", "completed"],
}
ALLOWED = {
    "pending": {"approved", "in_progress", "rejected"},
    "approved": {"in_progress", "completed", "rejected"},
    "in_progress": {"approved", "completed", "rejected"},
    "rejected": {"approved"},
    "completed": set[str](),
}


def decision(status: str) -> dict[str, str]:
    return {"status": status} | ({"completedPoseId": "pose_arms"} if status == "completed" else {})


@pytest.mark.parametrize("before", REACHED)
async def test_no_other_way_from_one_status_to_the_next(
    ana: httpx.AsyncClient, admin: httpx.AsyncClient, poses: list[str], before: str
) -> None:
    for after in REACHED:
        request = await asked(ana)
        for step in REACHED[before]:
            assert (await decide(admin, request, **decision(step))).status_code == 200
        answer = await decide(admin, request, **decision(after))
        assert answer.status_code == (200 if after in {before, *ALLOWED[before]} else 409), after


async def test_completed_needs_a_pose_of_the_library(
    ana: httpx.AsyncClient, admin: httpx.AsyncClient, poses: list[str]
) -> None:
    request = await asked(ana)
    assert (await decide(admin, request, status="approved")).status_code == 200
    for values in (
        {"status": "completed"},
        {"status": "completed", "completedPoseId": None},
        {"status": "completed", "completedPoseId": "pose_nowhere"},
        {"status": "completed", "completedPoseId": "pose_hidden"},
        {"status": "in_progress", "completedPoseId": "pose_arms"},
        {"completedPoseId": "pose_arms"},
    ):
        answer = await decide(admin, request, **values)
        error = answer.json()["error"]
        assert (answer.status_code, error["code"]) == (400, "VALIDATION_ERROR"), values
        assert [detail["path"] for detail in error["details"]] == ["completedPoseId"]
    assert (await decide(admin, request, status="done")).status_code == 400
    assert (await ana.get("/requests")).json()["requests"][0]["status"] == "approved"


@pytest.mark.parametrize("end", ["rejected", "completed"])
async def test_what_is_decided_takes_no_votes(
    ana: httpx.AsyncClient, admin: httpx.AsyncClient, as_user: Clients, poses: list[str], end: str
) -> None:
    request = await asked(ana)
    for step in REACHED[end]:
        await decide(admin, request, **decision(step))
    refused = await as_user("ben").post(f"/requests/{request['id']}/vote")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "CONFLICT")
    mine = await ana.post(f"/requests/{request['id']}/vote")
    assert (mine.status_code, mine.json()["request"]["voteCount"]) == (200, 1)
