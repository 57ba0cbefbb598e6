"""Nothing listens where Temporal should be: the API starts all the same, reads, and says what is wrong."""

from collections.abc import AsyncIterator

import httpx
import pytest
from pydantic import SecretStr

from api.app import PREFIX, create_app
from schema.database import Database
from schema.kinds import GenerationType
from schema.messages.orders import GenerationInput, PosePick
from schema.queries import ledger
from schema.settings import Settings
from tests.integration.api.conftest import token
from tests.servers.http import serving


@pytest.fixture
async def base_url(settings: Settings) -> AsyncIterator[str]:
    """The real gateway, and a port that refuses every connection."""
    alone = settings.model_copy(update={"temporal_address": "127.0.0.1:1"})
    async with serving(create_app(alone)) as url:
        yield url


async def test_reads_work_and_starts_say_503(
    ana: httpx.AsyncClient, base_url: str, database: Database, project: str
) -> None:
    async with httpx.AsyncClient(base_url=base_url, timeout=30) as anyone:
        assert (await anyone.get("/readyz")).status_code == 200
        health = await anyone.get(PREFIX + "/health")
    assert health.status_code == 503
    assert {name: check["status"] for name, check in health.json()["checks"].items()} == {
        "database": "healthy",
        "temporal": "unhealthy",
        "workers": "unhealthy",
        "storage": "healthy",
    }
    wish = {"projectId": project, "generationType": "TEXT_DESCRIPTION", "textPrompt": "standing"}
    start = await ana.post("/generate", json=wish)
    assert (start.status_code, start.json()["error"]["code"]) == (503, "UNAVAILABLE")
    assert int(start.headers["Retry-After"]) >= 1
    assert (await ana.get("/credits")).json()["balance"] == 1000

    generation = await _charged(database, project)
    status = (await ana.get(f"/generations/{generation}")).json()
    assert (status["stale"], status["generation"]["status"]) == (True, "pending")
    assert (await ana.post(f"/generations/{generation}/cancel")).status_code == 503
    async with ana.stream("GET", f"/generations/{generation}/events") as stream:
        lines = stream.aiter_lines()
        assert [await anext(lines), await anext(lines)] == ["id: 0", "event: snapshot"]


async def _charged(database: Database, project: str) -> str:
    order = GenerationInput(
        generation_id="gen_of_before_the_outage",
        user_id="ana",
        project_id=project,
        generation_type=GenerationType.TEXT_DESCRIPTION,
        picks=(PosePick(pose_id=None, variations=2),),
        batch_size=2,
        seed=1,
        item_price_credits=30,
        parallelism=2,
        text_prompt="standing",
    )
    async with database.transaction() as session:
        return (await ledger.charge(session, order)).generation_id


async def test_without_the_database_it_is_not_ready(settings: Settings) -> None:
    nowhere = SecretStr("postgresql://u:p@127.0.0.1:1/x")
    away = settings.model_copy(update={"database_url": nowhere})
    async with serving(create_app(away)) as url, httpx.AsyncClient(base_url=url, timeout=30) as anyone:
        assert (await anyone.get("/livez")).status_code == 200
        ready = await anyone.get("/readyz")
        assert (ready.status_code, ready.json()["error"]["code"]) == (503, "UNAVAILABLE")
        assert "Retry-After" in ready.headers
        headers = {"Authorization": f"Bearer {token()}"}
        read = await anyone.get(PREFIX + "/library", headers=headers)
        assert (read.status_code, read.json()["error"]["code"]) == (503, "UNAVAILABLE")
