"""Favourites, related poses and the counts of the category tree, over HTTP."""

import asyncio
from typing import Any

import httpx
from sqlmodel import col, update

from schema.database import Database
from schema.tables import Pose
from tests.integration.api.conftest import Clients


async def favorite_count(client: httpx.AsyncClient, pose_id: str) -> int:
    return int((await client.get(f"/library/{pose_id}")).json()["pose"]["favoriteCount"])


async def ids(client: httpx.AsyncClient, path: str, **params: Any) -> list[str]:
    answer = await client.get(path, params=params)
    assert answer.status_code == 200, answer.text
    return [pose["id"] for pose in answer.json()["poses"]]


async def change(database: Database, pose_id: str, **values: Any) -> None:
    async with database.transaction() as session:
        await session.exec(update(Pose).where(col(Pose.id) == pose_id).values(**values))


async def test_marking_counts_once_a_user_and_unmarking_takes_it_back(
    ana: httpx.AsyncClient, as_user: Clients, poses: list[str]
) -> None:
    ben, path = as_user("ben"), "/library/pose_lean/favorite"
    for _ in range(2):
        marked = await ana.post(path)
        assert (marked.status_code, marked.json()) == (
            200,
            {"poseId": "pose_lean", "isFavorite": True, "favoriteCount": 1},
        )
    assert (await ben.post(path)).json()["favoriteCount"] == 2
    pose = (await ana.get("/library/pose_lean")).json()
    assert (pose["isFavorite"], pose["pose"]["popularityScore"]) == (True, 10)
    assert (await as_user("cem").get("/library/pose_lean")).json()["isFavorite"] is False
    for _ in range(2):
        assert (await ana.delete(path)).json() == {
            "poseId": "pose_lean",
            "isFavorite": False,
            "favoriteCount": 1,
        }
    assert await favorite_count(ben, "pose_lean") == 1


async def test_marks_are_each_users_own(ana: httpx.AsyncClient, as_user: Clients, poses: list[str]) -> None:
    ben = as_user("ben")
    await ana.post("/library/pose_lean/favorite")
    await ben.post("/library/pose_chair/favorite")
    assert await ids(ana, "/library", favorites=True) == ["pose_lean"]
    assert await ids(ben, "/library", favorites=True) == ["pose_chair"]
    assert (await ben.delete("/library/pose_lean/favorite")).json()["favoriteCount"] == 1
    assert await ids(ana, "/library", favorites=True) == ["pose_lean"]


async def test_a_hundred_marks_at_once_count_right(
    ana: httpx.AsyncClient, as_user: Clients, poses: list[str]
) -> None:
    users = [as_user(f"user{n}") for n in range(10)]
    answers = await asyncio.gather(*(user.post("/library/pose_arms/favorite") for user in users * 10))
    assert {answer.status_code for answer in answers} == {200}
    assert await favorite_count(ana, "pose_arms") == 10


async def test_what_cannot_be_seen_cannot_be_marked(
    ana: httpx.AsyncClient, database: Database, poses: list[str]
) -> None:
    for pose in ("pose_hidden", "pose_nowhere"):
        for method in ("POST", "DELETE"):
            answer = await ana.request(method, f"/library/{pose}/favorite")
            assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NOT_FOUND")
        assert (await ana.get(f"/library/{pose}/related")).status_code == 404
    await ana.post("/library/pose_lean/favorite")
    await change(database, "pose_lean", is_public=False)
    gone = await ana.delete("/library/pose_lean/favorite")
    assert (gone.status_code, gone.json()["favoriteCount"]) == (200, 0)


def shape(step: float) -> list[list[float] | None]:
    """The larger the step, the farther the arms are from hanging."""
    return [[0.5 + (step * 0.02 * n if n in (3, 4, 6, 7) else 0), 0.05 * (n + 1)] for n in range(18)]


async def test_related_poses_come_by_likeness_and_follow_the_library(
    ana: httpx.AsyncClient, database: Database, poses: list[str]
) -> None:
    for step, pose in enumerate(("pose_arms", "pose_gold", "pose_lean", "pose_chair", "pose_hidden")):
        await change(database, pose, keypoints=shape(step))
    path = "/library/pose_arms/related"
    assert await ids(ana, path) == ["pose_gold", "pose_lean", "pose_chair"]
    assert await ids(ana, path, limit=1) == ["pose_gold"]
    await change(database, "pose_gold", is_public=False)
    assert await ids(ana, path) == ["pose_lean", "pose_chair"]
    later = (await ana.get("/library/pose_chair")).json()["pose"]
    assert later["id"] == "pose_chair"
    async with database.transaction() as session:
        chair = await session.get_one(Pose, "pose_chair")
        chair.keypoints, chair.updated_at = shape(0.1), chair.updated_at.replace(year=2100)
    assert await ids(ana, path) == ["pose_chair", "pose_lean"]
    for wrong in (0, 49):
        assert (await ana.get(path, params={"limit": wrong})).status_code == 400


async def test_a_category_counts_what_its_list_shows(
    ana: httpx.AsyncClient, database: Database, poses: list[str]
) -> None:
    await change(database, "pose_gold", is_public=False)
    tree = (await ana.get("/categories")).json()["categories"]
    branches = [*tree, *(child for branch in tree for child in branch["children"])]
    assert [branch["id"] for branch in branches] == ["standing", "sitting", "relaxed"]
    for branch in branches:
        shown = await ids(ana, "/library", category=branch["id"])
        assert branch["poseCount"] == len(shown) > 0, branch["id"]
