"""No room on the disk, no connection left: a clear answer, nothing half done, and it heals by itself."""

import resource
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from PIL import Image
from sqlmodel import col, select

from api.app import PREFIX, create_app
from api.services import Services
from schema import database as database_module
from schema.database import Database
from schema.models.custom_poses import STANDING
from schema.settings import Settings
from schema.tables import Pose
from tests.eventually import until
from tests.integration.api.darkroom import Darkroom, photograph
from tests.integration.api.stand_in import StandIn
from tests.integration.api.test_roles import ADMIN, DOCUMENT
from tests.integration.api.wires import POST, get, wire
from tests.orders import sql

POSE = {"name": "Mine", "openpose": {"pose_keypoints_2d": STANDING, "width": 512, "height": 512}}
POOL = 2
FIXED = {"/health", "/formats", "/manifest", "/events"}
"""Ask the database nothing, or for as long as they like."""
LISTS = [
    path.removeprefix(PREFIX)
    for path, methods in DOCUMENT["paths"].items()
    if "get" in methods
    and "{" not in path
    and path.startswith(PREFIX)
    and path.removeprefix(PREFIX) not in FIXED
    and f"GET {path}" not in ADMIN
]


@contextmanager
def full_disk() -> Iterator[None]:
    """No file of this process can grow: the system says so to each write, as a full disk does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def unavailable(answer: httpx.Response) -> None:
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (503, "UNAVAILABLE"), answer.text
    assert int(answer.headers["Retry-After"]) >= 1
    assert "Try again" in error["message"]


def large() -> bytes:
    """More than is taken into memory before it goes to the disk."""
    out = BytesIO()
    Image.effect_noise((1400, 1400), 90).save(out, "PNG")
    assert len(out.getvalue()) > 1 << 20
    return out.getvalue()


def partial(settings: Settings) -> list[Path]:
    return list((settings.storage_local_path / ".partial").glob("*"))


@pytest.mark.parametrize("picture", [photograph(1), large()], ids=["small", "large"])
async def test_an_upload_without_room(
    ana: httpx.AsyncClient, database: Database, settings: Settings, picture: bytes
) -> None:
    with full_disk():
        unavailable(await ana.post("/uploads", files={"file": picture}))
    assert await sql(database, "SELECT count(*) FROM uploads") == [(0,)]
    assert partial(settings) == []
    assert (await ana.post("/uploads", files={"file": picture})).status_code == 201


async def test_exports_without_room(darkroom: Darkroom, poses: list[str]) -> None:
    generation = await darkroom.order(poses[:1])
    await darkroom.deliver(generation, [0])
    item = await darkroom.item(generation)
    ways: tuple[tuple[str, dict[str, Any]], ...] = (
        (f"/poses/{item.id}/regenerate-export", {"formatName": "web"}),
        (f"/poses/{item.id}/download", {"formatName": "tiktok"}),
    )
    for path, body in ways:
        with full_disk():
            unavailable(await darkroom.client.post(path, json=body))
        assert (await darkroom.client.post(path, json=body)).status_code == 200


async def test_a_zip_without_room_says_what_is_missing(darkroom: Darkroom, poses: list[str]) -> None:
    generation = await darkroom.order(poses[:1])
    await darkroom.deliver(generation, [0])
    with full_disk():
        answer = await darkroom.client.get(f"/generations/{generation}/export-zip?formats=web,original")
    assert answer.status_code == 200
    assert b"STORAGE_UNAVAILABLE" in answer.content


async def test_poses_without_room(ana: httpx.AsyncClient, project: str, settings: Settings) -> None:
    with full_disk():
        unavailable(await ana.post(f"/projects/{project}/poses", json=POSE))
    assert partial(settings) == []
    assert (await ana.post(f"/projects/{project}/poses", json=POSE)).status_code == 201


async def test_a_library_picture_that_cannot_be_kept(
    app: FastAPI, base_url: str, database: Database, poses: list[str]
) -> None:
    """It is drawn when it is first asked for."""
    services: Services = app.state.services
    key = await lay_out(services, database, poses[0])
    url = httpx.URL(services.storage.url(key)).raw_path.decode()
    async with httpx.AsyncClient(base_url=base_url) as anyone:
        with full_disk():
            unavailable(await anyone.get(url))
        assert (await anyone.get(url)).status_code == 200


async def lay_out(services: Services, database: Database, pose_id: str) -> str:
    """The key that its thumbnail has, once there is one."""
    async with database.transaction() as session:
        pose = (await session.exec(select(Pose).where(col(Pose.id) == pose_id))).one()
        pose.keypoints = [[0.5, 0.2 + 0.04 * n] for n in range(18)]
        keypoints = tuple((x, y) for x, y in (point for point in pose.keypoints if point))
        pose.thumbnail_key = services.pictures._gallery.keys_of(keypoints)["thumbnail"]
        return pose.thumbnail_key


async def test_health_says_that_the_disk_is_full(base_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.health.KEPT_S", 0)
    async with httpx.AsyncClient(base_url=base_url + PREFIX) as anyone:
        with full_disk():
            found = await anyone.get("/health")
        assert (found.status_code, found.json()["checks"]["storage"]["status"]) == (503, "unhealthy")
        assert (await anyone.get("/health")).json()["checks"]["storage"]["status"] == "healthy"


@pytest.mark.parametrize("code", ["53100", "53200", "53300", "57P03", "58030"])
async def test_a_database_without_room(
    ana: httpx.AsyncClient, database: Database, project: str, code: str
) -> None:
    """Disk full, out of memory, too many connections, starting up, broken disk: as PostgreSQL says it."""
    await sql(
        database,
        "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '{code}'; END $$",
    )
    await sql(
        database,
        "CREATE TRIGGER full_disk BEFORE INSERT ON pose_generator_projects EXECUTE FUNCTION full_disk()",
    )
    unavailable(await ana.post("/projects", json={"projectName": "x"}))
    assert (await ana.get(f"/projects/{project}")).status_code == 200
    await sql(database, "DROP TRIGGER full_disk ON pose_generator_projects")
    assert (await ana.post("/projects", json={"projectName": "x"})).status_code == 201


@pytest.fixture
def small_pool(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setattr(database_module, "POOL_TIMEOUT_S", 0.5)
    return settings.model_copy(update={"database_pool_size": POOL})


@asynccontextmanager
async def exhausted(database: Database) -> AsyncIterator[None]:
    """By work that holds on to every connection there is."""
    async with AsyncExitStack() as held:
        for _ in range(POOL):
            session = await held.enter_async_context(database.transaction())
            await session.connection()
        yield


@pytest.fixture
def app(small_pool: Settings, gateway: StandIn) -> FastAPI:
    return create_app(small_pool, gateway=gateway)


async def test_without_connections_every_list_says_so_and_comes_back(
    app: FastAPI, ana: httpx.AsyncClient, project: str
) -> None:
    services: Services = app.state.services
    assert len(LISTS) > 10
    async with exhausted(services.database):
        for path in LISTS:
            unavailable(await ana.get(path))
        unavailable(await ana.post("/projects", json={"projectName": "x"}))
    for path in LISTS:
        assert (await ana.get(path)).status_code == 200, path


async def test_no_connection_is_held_for_a_slow_client(
    app: FastAPI, base_url: str, ana: httpx.AsyncClient, project: str
) -> None:
    """Half a body, and an answer that nobody reads: more of them than there are connections."""
    services: Services = app.state.services
    async with AsyncExitStack() as clients:
        for _ in range(3 * POOL):
            half = await clients.enter_async_context(wire(base_url))
            await half.send(POST, "Content-Length: 100\r\n\r\n{")
            stream = await clients.enter_async_context(wire(base_url))
            stream.stand_still()
            await stream.send(get(f"{PREFIX}/events"))
        await until(lambda: services.hub.seats.in_use == 3 * POOL)
        assert (await ana.get(f"/projects/{project}")).status_code == 200
