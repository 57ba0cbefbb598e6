"""The API served by uvicorn over a real socket on a real database; the gateway is moved by hand."""

import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from fastapi import FastAPI

from adapters.storage.factory import open_storage
from api.app import PREFIX, create_app
from schema.database import Database
from schema.kinds import Role
from schema.queries import ledger, users
from schema.settings import Settings
from schema.tables import Pose, PoseCategory
from tests.integration.api.darkroom import Darkroom
from tests.integration.api.stand_in import StandIn
from tests.servers.http import serving
from tests.servers.storage import local_settings, s3_settings

SECRET = "a-secret-of-the-tests-that-is-long-enough"
KEYPOINTS: list[list[float] | None] = [[0.5, 0.05 * n] for n in range(17)] + [None]


def token(user: str = "ana", **claims: Any) -> str:
    return jwt.encode({"sub": user, "exp": time.time() + 600} | claims, SECRET, "HS256")


BOTH_STORAGES = pytest.mark.parametrize("storage_mode", ["local", "s3"], indirect=True)


@pytest.fixture
def storage_mode(request: pytest.FixtureRequest) -> str:
    return getattr(request, "param", "local")


@pytest.fixture
def settings(
    request: pytest.FixtureRequest, database_url: str, tmp_path: Path, storage_mode: str
) -> Settings:
    s3 = storage_mode == "s3"
    storage = s3_settings(request.getfixturevalue("s3_server")) if s3 else local_settings(tmp_path)
    return Settings(
        _env_file=None,
        database_url=database_url,
        jwt_secret=SECRET,
        signup_credits=1000,
        cors_origin="https://shop.example",
        pose_parallelism=4,
        url_ttl=7 * 24 * 3600,  # no test sees the signature change between two requests
        **storage,
    )


@pytest.fixture
async def gateway(database: Database) -> StandIn:
    return StandIn(database)


@pytest.fixture
def app(settings: Settings, gateway: StandIn) -> FastAPI:
    return create_app(settings, gateway=gateway)


@pytest.fixture
async def base_url(app: FastAPI) -> AsyncIterator[str]:
    async with serving(app) as url:
        yield url


Clients = Callable[..., httpx.AsyncClient]


@pytest.fixture
async def as_user(base_url: str) -> AsyncIterator[Clients]:
    """A client of any user: `as_user("ben")`."""
    opened: list[httpx.AsyncClient] = []

    def client(user: str = "ana", **claims: Any) -> httpx.AsyncClient:
        headers = {"Authorization": f"Bearer {token(user, **claims)}"}
        opened.append(
            httpx.AsyncClient(base_url=base_url + PREFIX, headers=headers, timeout=30, verify=False)
        )
        return opened[-1]

    yield client
    for each in opened:
        await each.aclose()


@pytest.fixture
async def ana(as_user: Clients) -> httpx.AsyncClient:
    return as_user("ana")


@pytest.fixture
async def poses(database: Database) -> list[str]:
    """A small library: three public poses, a premium, a hidden and a retired one."""
    async with database.transaction() as session:
        session.add(PoseCategory(id="standing", name="Standing"))
        await session.flush()
        session.add(PoseCategory(id="relaxed", name="Relaxed", parent_id="standing", position=1))
        session.add(PoseCategory(id="sitting", name="Sitting", position=2))
        await session.flush()
        session.add_all(
            [
                _pose("pose_arms", "Arms crossed", "standing", tags=["arms", "crossed"], is_featured=True),
                _pose(
                    "pose_lean", "Leaning on a wall", "relaxed", tags=["wall"], gender_suitability="female"
                ),
                _pose("pose_chair", "Sitting on a chair", "sitting", tags=["chair"], difficulty="advanced"),
                _pose("pose_gold", "Golden leap", "standing", tags=["jump"], is_premium=True),
                _pose("pose_hidden", "Hidden", "sitting", is_public=False),
            ]
        )
    return ["pose_arms", "pose_lean", "pose_chair"]


def _pose(pose_id: str, name: str, category_id: str, **fields: Any) -> Pose:
    description = f"A person, {name.lower()}"
    return Pose(
        id=pose_id, name=name, description=description, category_id=category_id, keypoints=KEYPOINTS, **fields
    )


@pytest.fixture
async def project(ana: httpx.AsyncClient) -> str:
    answer = await ana.post("/projects", json={"projectName": "Spring"})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["project"]["id"])


@pytest.fixture
async def rich(database: Database) -> None:
    """Ana before her first request, with more credits than signing up gives."""
    async with database.transaction() as session:
        await users.ensure(session, "ana", Role.USER, 0)
        await ledger.grant(session, "ana", 100_000, "test:rich", "for tests")


@pytest.fixture
async def darkroom(
    *,
    settings: Settings,
    database: Database,
    gateway: StandIn,
    base_url: str,
    ana: httpx.AsyncClient,
    project: str,
) -> AsyncIterator[Darkroom]:
    storage = open_storage(settings)
    await storage.check()
    async with httpx.AsyncClient(base_url=base_url) as anyone:
        yield Darkroom(ana, anyone, gateway, database, storage, project)
    await storage.close()


def gallery(project_id: str, pose_ids: list[str], **fields: Any) -> dict[str, Any]:
    return {
        "projectId": project_id,
        "generationType": "GALLERY_REFERENCE",
        "selectedPoseIds": pose_ids,
    } | fields
