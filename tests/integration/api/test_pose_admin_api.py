"""The library by an administrator's hand, and a seeding afterwards."""

from io import BytesIO
from typing import Any

import httpx
import pytest
from PIL import Image

from adapters.gallery import Gallery
from adapters.storage.factory import open_storage
from cli import seed
from imaging.library import load
from schema.database import Database
from schema.models.custom_poses import STANDING
from schema.models.pose_admin import POSTURE
from schema.pose import JOINTS
from schema.queries import seeding
from schema.settings import Settings
from schema.tables import Pose, PoseSelection
from tests.integration.api.conftest import Clients, gallery

DRAWN_SIDE = 128
OPENPOSE = {"pose_keypoints_2d": STANDING, "width": 512, "height": 512}
KEYPOINTS = [[0.5 + (x - 256) / 512, y / 512] for x, y in zip(STANDING[0::3], STANDING[1::3], strict=True)]
URLS = ("previewImageUrl", "referenceImageUrl", "controlnetImageUrl", "thumbnailUrl")


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"flux_width": DRAWN_SIDE, "flux_height": DRAWN_SIDE})


@pytest.fixture
async def admin(as_user: Clients) -> httpx.AsyncClient:
    return as_user("root", role="admin")


def draft(**more: Any) -> dict[str, Any]:
    return {
        "name": "Umbrella in hand",
        "description": "standing under an open umbrella held in one hand",
        "categoryId": "standing",
        "tags": ["umbrella", "rain"],
        "openpose": OPENPOSE,
    } | more


async def added(admin: httpx.AsyncClient, **more: Any) -> dict[str, Any]:
    answer = await admin.post("/library", json=draft(**more))
    assert answer.status_code == 201, answer.text
    return dict(answer.json()["pose"])


def with_body(**body: Any) -> dict[str, Any]:
    return {name: value for name, value in draft().items() if name != "openpose"} | body


def keys_of(pose: dict[str, Any]) -> set[str]:
    """Without signatures, which change with the time."""
    return {httpx.URL(pose[name]).path for name in URLS}


async def test_nobody_else_may(ana: httpx.AsyncClient, poses: list[str]) -> None:
    for answer in (
        await ana.post("/library", json=draft()),
        await ana.post("/library", json={}),
        await ana.patch("/library/pose_arms", json={"name": "Mine now"}),
        await ana.delete("/library/pose_arms"),
        await ana.delete("/library/pose_nowhere"),
    ):
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "FORBIDDEN")
    assert (await ana.get("/library/pose_arms")).json()["pose"]["name"] == "Arms crossed"


async def test_an_added_pose_is_in_the_library_with_its_pictures(
    admin: httpx.AsyncClient, ana: httpx.AsyncClient, base_url: str, project: str, poses: list[str]
) -> None:
    pose = await added(admin, isFeatured=True, difficulty="advanced", sourceCredit="Rain studio")
    assert (pose["sourceType"], pose["isFeatured"], pose["retiredAt"]) == ("curated", True, None)
    seen = (await ana.get(f"/library/{pose['id']}")).json()["pose"]
    assert (seen["name"], seen["difficulty"], seen["sourceCredit"]) == (
        "Umbrella in hand",
        "advanced",
        "Rain studio",
    )
    here = httpx.URL(base_url)
    async with httpx.AsyncClient() as browser:
        url = httpx.URL(seen["controlnetImageUrl"]).copy_with(host=here.host, port=here.port)
        assert Image.open(BytesIO((await browser.get(url)).content)).size == (DRAWN_SIDE, DRAWN_SIDE)
    assert (await ana.post("/generate", json=gallery(project, [pose["id"]]))).status_code == 202


async def test_the_three_ways_to_give_a_figure(admin: httpx.AsyncClient, poses: list[str]) -> None:
    drawn = await added(admin)
    points = await admin.post("/library", json=with_body(keypoints=KEYPOINTS))
    assert points.json()["pose"]["keypoints"] == drawn["keypoints"]
    posed = await admin.post("/library", json=with_body(posture=POSTURE, camera={"yaw": 30}))
    assert posed.status_code == 201, posed.text
    assert len(posed.json()["pose"]["keypoints"]) == len(JOINTS)


FAR_OUT = [[0.99, KEYPOINTS[4][1]] if n == 4 else point for n, point in enumerate(KEYPOINTS)]
REFUSED: list[tuple[dict[str, Any], str]] = [
    (draft(name="ab"), "name"),
    (draft(description="too short"), "description"),
    (draft(tags=["one"]), "tags"),
    (draft(tags=["x" * 41, "y"]), "tags.0"),
    (draft(categoryId="nowhere"), "categoryId"),
    (draft(difficulty="impossible"), "difficulty"),
    (with_body(), ""),
    (draft(keypoints=KEYPOINTS), ""),
    (draft(camera={"yaw": 3}), ""),
    (with_body(keypoints=KEYPOINTS[:-1]), "keypoints.figure"),
    (with_body(keypoints=[]), "keypoints.figure"),
    (with_body(keypoints=[[0.5]] * 18), "keypoints.0.1"),
    (with_body(keypoints=[None] * 18), "keypoints.neck"),
    (with_body(keypoints=FAR_OUT), "keypoints.right_wrist"),
    (with_body(openpose=OPENPOSE | {"pose_keypoints_2d": [1, 2, *STANDING[2:]]}), "openpose.nose"),
    (with_body(posture={"left_elbow": {"bend": 200}}), "posture.left_elbow.bend"),
    (with_body(posture={"left_hand": {"to": "moon"}}), "posture.left_hand"),
    (with_body(posture={"stands_on": ["seat"]}), "posture.seat"),
    (with_body(posture={}, camera={"yaw": 999}), "posture.yaw"),
]


@pytest.mark.parametrize(("body", "path"), REFUSED)
async def test_what_the_files_could_not_have_is_refused(
    admin: httpx.AsyncClient, poses: list[str], body: dict[str, Any], path: str
) -> None:
    for answer in (
        await admin.post("/library", json=body),
        *([await admin.patch("/library/pose_arms", json=body)] if path else []),
    ):
        error = answer.json()["error"]
        assert (answer.status_code, error["code"]) == (400, "VALIDATION_ERROR")
        assert path in {detail["path"] for detail in error["details"]}, error
    assert (await admin.get("/library/pose_arms")).json()["pose"]["name"] == "Arms crossed"


async def test_forbidden_words_are_refused_here_too(admin: httpx.AsyncClient, poses: list[str]) -> None:
    answer = await admin.patch("/library/pose_arms", json={"name": "Nude figure"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "INVALID_PROMPT")


async def test_what_is_given_changes_and_nothing_else(admin: httpx.AsyncClient, poses: list[str]) -> None:
    pose = await added(admin, sourceCredit="Rain studio")
    changed = await admin.patch(f"/library/{pose['id']}", json={"name": "In the rain", "tags": None})
    assert changed.status_code == 200
    after = changed.json()["pose"]
    same = ("tags", "description", "keypoints", "sourceCredit", "isPublic", "difficulty")
    assert {name: after[name] for name in same} == {name: pose[name] for name in same}
    assert (after["name"], keys_of(after)) == ("In the rain", keys_of(pose))
    emptied = await admin.patch(f"/library/{pose['id']}", json={"sourceCredit": None})
    assert emptied.json()["pose"]["sourceCredit"] is None
    hidden = await admin.patch(f"/library/{pose['id']}", json={"isPublic": False})
    assert hidden.json()["pose"]["isPublic"] is False
    assert (await admin.get(f"/library/{pose['id']}")).status_code == 404
    assert (await admin.patch("/library/pose_nowhere", json={"name": "Nobody"})).status_code == 404


async def test_a_new_figure_gets_new_pictures_and_past_generations_keep_theirs(
    *,
    admin: httpx.AsyncClient,
    ana: httpx.AsyncClient,
    settings: Settings,
    database: Database,
    project: str,
    poses: list[str],
) -> None:
    pose = await added(admin)
    started = await ana.post("/generate", json=gallery(project, [pose["id"]]))
    body = {"posture": POSTURE}
    after = (await admin.patch(f"/library/{pose['id']}", json=body)).json()["pose"]
    assert after["keypoints"] != pose["keypoints"]
    assert not keys_of(after) & keys_of(pose)
    storage = open_storage(settings)
    for path in keys_of(after) | keys_of(pose):
        assert await storage.stat(path.removeprefix("/files/")), path
    await storage.close()
    async with database.transaction() as session:
        kept = await session.get_one(PoseSelection, (started.json()["generationId"], 0))
    assert kept.keypoints == pose["keypoints"]


async def test_retiring_is_idempotent_and_deletes_nothing(
    admin: httpx.AsyncClient, ana: httpx.AsyncClient, database: Database, project: str, poses: list[str]
) -> None:
    started = await ana.post("/generate", json=gallery(project, ["pose_arms"]))
    assert (await admin.delete("/library/pose_arms")).status_code == 204
    async with database.transaction() as session:
        first = (await session.get_one(Pose, "pose_arms")).retired_at
    assert (await admin.delete("/library/pose_arms")).status_code == 204
    async with database.transaction() as session:
        assert (await session.get_one(Pose, "pose_arms")).retired_at == first is not None
        kept = await session.get_one(PoseSelection, (started.json()["generationId"], 0))
    assert kept.pose_id == "pose_arms"
    assert (await ana.get("/library/pose_arms")).status_code == 404
    assert (await ana.post("/generate", json=gallery(project, ["pose_arms"]))).status_code == 400
    assert (await admin.delete("/library/pose_nowhere")).status_code == 404
    back = await admin.patch("/library/pose_arms", json={"isRetired": False})
    assert (back.status_code, back.json()["pose"]["retiredAt"]) == (200, None)
    assert (await ana.get("/library/pose_arms")).status_code == 200


async def test_what_an_admin_decided_survives_the_next_seeding(
    admin: httpx.AsyncClient, settings: Settings, database: Database
) -> None:
    storage = open_storage(settings)
    shown = Gallery(storage, width=DRAWN_SIDE, height=DRAWN_SIDE)
    async with database.transaction() as session:
        await seed.put_rows(session, shown)
    changed, retired, moved = (pose.id for pose in load().poses[:3])
    assert (await admin.patch(f"/library/{changed}", json={"name": "My own name"})).status_code == 200
    assert (await admin.delete(f"/library/{retired}")).status_code == 204
    own = await added(admin, categoryId=load().poses[0].category)
    async with database.transaction() as session:
        for pose_id in (changed, retired, moved):
            (await session.get_one(Pose, pose_id)).content_hash = "as if the files had changed"
    async with database.transaction() as session:
        assert await seed.put_rows(session, shown) == 1
        assert (await session.get_one(Pose, changed)).name == "My own name"
        assert (await session.get_one(Pose, retired)).retired_at is not None
        assert (await session.get_one(Pose, moved)).content_hash != "as if the files had changed"
        kept = await session.get_one(Pose, own["id"])
        assert (kept.name, kept.retired_at) == ("Umbrella in hand", None)
        await seeding.retire_missing(session, [])
        assert (await session.get_one(Pose, changed, populate_existing=True)).retired_at is None
        assert (await session.get_one(Pose, own["id"], populate_existing=True)).retired_at is None
        assert (await session.get_one(Pose, moved, populate_existing=True)).retired_at is not None
    await storage.close()


async def test_without_storage_nothing_is_added(
    admin: httpx.AsyncClient, settings: Settings, poses: list[str]
) -> None:
    settings.storage_local_path.mkdir(parents=True, exist_ok=True)
    for kind in ("library", "controlnet"):
        (settings.storage_local_path / kind).write_text("a file where a folder should be")
    answer = await admin.post("/library", json=draft())
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "UNAVAILABLE")
    assert int(answer.headers["Retry-After"]) >= 1
    assert (await admin.get("/library")).json()["pagination"]["total"] == 4
