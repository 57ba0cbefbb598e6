"""A project's own poses: what is accepted, who sees them, which generations may use them."""

import asyncio
from io import BytesIO
from typing import Any

import httpx
import pytest
from PIL import Image
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from adapters.storage.factory import open_storage
from schema.database import Database
from schema.models.custom_poses import STANDING
from schema.pose import JOINTS
from schema.settings import Settings
from schema.tables import Pose, PoseSelection, Project
from schema.tables.library import PoseWord
from tests.integration.api.conftest import Clients, gallery
from tests.integration.api.stand_in import StandIn

DRAWN_SIDE = 128


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"flux_width": DRAWN_SIDE, "flux_height": DRAWN_SIDE})


def document(flat: list[Any] | None = None, **more: Any) -> dict[str, Any]:
    people = [{"pose_keypoints_2d": STANDING if flat is None else flat, "face_keypoints_2d": None}]
    return {"people": people, "canvas_width": 512, "canvas_height": 512} | more


def moved(joint: str, x: float, y: float, score: float = 1) -> list[Any]:
    place = 3 * JOINTS.index(joint)
    return [*STANDING[:place], x, y, score, *STANDING[place + 3 :]]


def draft(**more: Any) -> dict[str, Any]:
    return {"name": "Mine", "openpose": document()} | more


async def added(client: httpx.AsyncClient, project: str, **more: Any) -> dict[str, Any]:
    answer = await client.post(f"/projects/{project}/poses", json=draft(**more))
    assert answer.status_code == 201, answer.text
    return dict(answer.json()["pose"])


async def test_a_pose_of_ones_own_with_its_pictures(
    ana: httpx.AsyncClient, base_url: str, project: str
) -> None:
    pose = await added(ana, project, name=" Tea ", description="pouring tea with both hands")
    assert (pose["name"], pose["projectId"], pose["usageCount"]) == ("Tea", project, 0)
    assert pose["keypoints"][0] == [0.5, 0.1523]
    here = httpx.URL(base_url)
    async with httpx.AsyncClient() as browser:
        for name, side in (
            ("previewImageUrl", 512),
            ("thumbnailUrl", 256),
            ("controlnetImageUrl", DRAWN_SIDE),
        ):
            url = httpx.URL(pose[name]).copy_with(host=here.host, port=here.port)
            assert Image.open(BytesIO((await browser.get(url)).content)).size == (side, side)
    path = f"/projects/{project}/poses"
    assert (await ana.get(f"{path}/{pose['id']}")).json()["pose"][
        "description"
    ] == "pouring tea with both hands"
    listed = (await ana.get(path)).json()
    assert [one["id"] for one in listed["poses"]] == [pose["id"]]
    assert listed["pagination"] == {"page": 1, "limit": 24, "total": 1, "totalPages": 1}


async def test_its_map_is_drawn_before_the_answer(
    ana: httpx.AsyncClient, settings: Settings, project: str, database: Database
) -> None:
    pose = await added(ana, project)
    async with database.transaction() as session:
        row = await session.get_one(Pose, pose["id"])
    storage = open_storage(settings)
    for key in (row.controlnet_image_key, row.preview_image_key, row.reference_image_key, row.thumbnail_key):
        assert key
        assert await storage.stat(key)
    await storage.close()
    assert (row.is_public, row.category_id, row.source_type) == (False, None, "custom")


async def test_the_bare_form_and_the_name_as_description(ana: httpx.AsyncClient, project: str) -> None:
    bare = {"pose_keypoints_2d": STANDING, "width": 512, "height": 512}
    pose = await added(ana, project, openpose=bare)
    assert pose["description"] == "Mine"
    assert pose["keypoints"] == (await added(ana, project))["keypoints"]


async def test_it_is_listed_nowhere_else(
    ana: httpx.AsyncClient, database: Database, project: str, poses: list[str]
) -> None:
    pose = await added(ana, project, name="Secret umbrella")
    assert (await ana.get(f"/library/{pose['id']}")).status_code == 404
    for query in ({}, {"search": "umbrella"}):
        found = (await ana.get("/library", params=query)).json()["poses"]
        assert pose["id"] not in {one["id"] for one in found}
    async with database.transaction() as session:
        assert await session.get(PoseWord, "crossed")
        assert await session.get(PoseWord, "umbrella") is None, "nobody's typing mistake becomes it"
    tree = (await ana.get("/categories")).json()["categories"]
    assert sum(branch["poseCount"] for branch in tree) == 4


REFUSED: list[tuple[dict[str, Any], str]] = [
    (draft(openpose=document(moved("right_wrist", 600, 262))), "openpose.right_wrist"),
    (draft(openpose=document(moved("left_hip", 0, 0, 0))), "openpose.left_hip"),
    (draft(openpose=document(moved("left_knee", 10, 10))), "openpose.left_knee"),
    (draft(openpose=document([256, 256, 1] * 18)), "openpose.figure"),
    (draft(openpose=document(STANDING[:-3])), "openpose.figure"),
    (draft(openpose=document([*STANDING, *STANDING])), "openpose.figure"),
    (draft(openpose=document([1.0] * 1001)), "openpose.people.0.pose_keypoints_2d"),
    (draft(openpose=document(["256", *STANDING[1:]])), "openpose.people.0.pose_keypoints_2d.0"),
    (draft(openpose=document([10**400, *STANDING[1:]])), "openpose.people.0.pose_keypoints_2d.0"),
    (draft(openpose=document(people=[])), "openpose"),
    (draft(openpose=document([])), "openpose.figure"),
    (draft(openpose={"pose_keypoints_2d": [], "width": 512, "height": 512}), "openpose.figure"),
    (draft(openpose=document(people=document()["people"] * 2)), "openpose"),
    (draft(openpose=document(pose_keypoints_2d=STANDING)), "openpose"),
    (draft(openpose=document(canvas_width=0)), "openpose.canvas_width"),
    (draft(openpose=document(canvas_height=100_000)), "openpose.canvas_height"),
    (draft(openpose={"canvas_width": 512, "canvas_height": 512}), "openpose"),
    (draft(openpose=[]), "openpose"),
    (draft(openpose=None), "openpose"),
    (draft(scoreLimit=2), "scoreLimit"),
    (draft(name=""), "name"),
    (draft(name="x" * 201), "name"),
    (draft(description="x" * 501), "description"),
]


@pytest.mark.parametrize(("body", "path"), REFUSED)
async def test_a_wrong_pose_is_refused_where_it_is_wrong(
    ana: httpx.AsyncClient, project: str, body: dict[str, Any], path: str
) -> None:
    answer = await ana.post(f"/projects/{project}/poses", json=body)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (400, "VALIDATION_ERROR")
    assert path in {detail["path"] for detail in error["details"]}, error
    assert (await ana.get(f"/projects/{project}/poses")).json()["poses"] == []


async def test_numbers_that_are_none_are_refused_by_their_joint(ana: httpx.AsyncClient, project: str) -> None:
    for number in ("NaN", "Infinity", "1e999"):
        numbers = ",".join([number, *map(str, STANDING[1:])])
        openpose = f'{{"pose_keypoints_2d": [{numbers}], "width": 512, "height": 512}}'
        body = f'{{"name": "Mine", "openpose": {openpose}}}'
        headers = {"Content-Type": "application/json"}
        answer = await ana.post(f"/projects/{project}/poses", content=body, headers=headers)
        assert answer.status_code == 400
        assert answer.json()["error"]["message"] == "openpose: nose: is not a finite number"


async def test_forbidden_words_are_refused(ana: httpx.AsyncClient, project: str) -> None:
    for words in ({"name": "n u d e"}, {"description": "standing nude"}):
        answer = await ana.post(f"/projects/{project}/poses", json=draft(**words))
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "INVALID_PROMPT")


async def test_strangers_poses_do_not_exist(ana: httpx.AsyncClient, as_user: Clients, project: str) -> None:
    pose = await added(ana, project)
    ben = as_user("ben")
    own = (await ben.post("/projects", json={"projectName": "Ben's"})).json()["project"]["id"]
    for answer in (
        await ben.get(f"/projects/{project}/poses"),
        await ben.post(f"/projects/{project}/poses", json=draft()),
        await ben.get(f"/projects/{project}/poses/{pose['id']}"),
        await ben.delete(f"/projects/{project}/poses/{pose['id']}"),
        await ben.get(f"/projects/{own}/poses/{pose['id']}"),
        await ben.delete(f"/projects/{own}/poses/{pose['id']}"),
    ):
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NOT_FOUND")
    admin = as_user("root", role="admin")
    for answer in (
        await admin.patch(f"/library/{pose['id']}", json={"name": "Mine now"}),
        await admin.delete(f"/library/{pose['id']}"),
    ):
        assert answer.status_code == 404, "not even an admin's library has it"
    assert (await ana.get(f"/projects/{project}/poses/{pose['id']}")).json()["pose"]["name"] == "Mine"


async def test_only_generations_of_its_project_may_use_it(
    ana: httpx.AsyncClient, as_user: Clients, project: str, poses: list[str]
) -> None:
    pose = await added(ana, project)
    mixed = await ana.post("/generate", json=gallery(project, [poses[0], pose["id"]], batchSize=1))
    assert mixed.status_code == 202, mixed.text
    other = (await ana.post("/projects", json={"projectName": "Other"})).json()["project"]["id"]
    ben = as_user("ben")
    bens = (await ben.post("/projects", json={"projectName": "Ben's"})).json()["project"]["id"]
    for client, place in ((ana, other), (ben, bens)):
        refused = await client.post("/generate", json=gallery(place, [poses[0], pose["id"]]))
        error = refused.json()["error"]
        assert (refused.status_code, error["code"]) == (400, "VALIDATION_ERROR")
        assert [detail["path"] for detail in error["details"]] == ["selectedPoseIds.1"]
    assert (await ben.post("/generate", json=gallery(project, [pose["id"]]))).status_code == 404


async def test_a_retry_may_use_it_too(ana: httpx.AsyncClient, gateway: StandIn, project: str) -> None:
    pose = await added(ana, project)
    started = await ana.post("/generate", json=gallery(project, [pose["id"]], batchSize=1))
    generation = started.json()["generationId"]
    await gateway.fail(generation, 0)
    await gateway.settle(generation)
    assert (await ana.post(f"/generations/{generation}/retry")).status_code == 202


async def test_a_deleted_pose_can_be_ordered_no_more_and_its_generations_keep_it(
    ana: httpx.AsyncClient, gateway: StandIn, project: str, database: Database
) -> None:
    pose = await added(ana, project)
    started = await ana.post("/generate", json=gallery(project, [pose["id"]], batchSize=1))
    generation = started.json()["generationId"]
    await gateway.deliver(generation, 0)
    path = f"/projects/{project}/poses/{pose['id']}"
    assert (await ana.delete(path)).status_code == 204
    for answer in (await ana.delete(path), await ana.get(path)):
        assert answer.status_code == 404
    assert (await ana.get(f"/projects/{project}/poses")).json()["poses"] == []
    assert (await ana.post("/generate", json=gallery(project, [pose["id"]]))).status_code == 400
    [item] = (await ana.get(f"/generations/{generation}/results")).json()["results"]
    assert item["poseId"] == pose["id"]
    async with database.transaction() as session:
        kept = await session.get_one(PoseSelection, (generation, 0))
    assert kept.keypoints == pose["keypoints"]


async def test_a_project_holds_so_many_even_when_many_are_added_at_once(
    ana: httpx.AsyncClient, project: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("schema.queries.custom_poses.MAX_PER_PROJECT", 3)
    path = f"/projects/{project}/poses"
    answers = await asyncio.gather(*(ana.post(path, json=draft()) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [201] * 3 + [409] * 5
    listed = (await ana.get(path, params={"limit": 2})).json()
    assert (len(listed["poses"]), listed["pagination"]["totalPages"]) == (2, 2)
    assert (await ana.delete(f"{path}/{listed['poses'][0]['id']}")).status_code == 204
    assert (await ana.post(path, json=draft())).status_code == 201, "a deleted one makes room"


async def test_a_deleted_project_takes_its_poses_out_of_sight(ana: httpx.AsyncClient, project: str) -> None:
    await added(ana, project)
    assert (await ana.delete(f"/projects/{project}")).status_code == 204
    assert (await ana.get(f"/projects/{project}/poses")).status_code == 404
    assert (await ana.post(f"/projects/{project}/poses", json=draft())).status_code == 404


async def test_a_project_that_is_really_gone_leaves_no_pose(
    ana: httpx.AsyncClient, project: str, database: Database
) -> None:
    await added(ana, project)
    async with database.transaction() as session:
        await session.delete(await session.get_one(Project, project))
    async with database.transaction() as session:
        assert (await session.exec(select(Pose.id))).all() == []


async def test_the_database_keeps_it_private(
    ana: httpx.AsyncClient, project: str, database: Database, poses: list[str]
) -> None:
    pose = await added(ana, project)
    for change, rule in (
        ({"is_public": True}, "custom_is_private"),
        ({"category_id": "standing"}, "category_or_project"),
        ({"project_id": None}, "category_or_project"),
    ):
        with pytest.raises(IntegrityError, match=rule):
            async with database.transaction() as session:
                (await session.get_one(Pose, pose["id"])).sqlmodel_update(change)
