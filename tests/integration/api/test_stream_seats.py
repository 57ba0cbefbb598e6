"""How many streams may be open at once, and that each gives its place back, however it ends."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import cast

import httpx
import pytest
from fastapi import FastAPI

from api.app import PREFIX, create_app
from api.services import Services
from api.slots import Slots
from schema.settings import Settings
from tests.eventually import until
from tests.integration.api.conftest import Clients, gallery, token
from tests.integration.api.stand_in import StandIn
from tests.integration.api.streams import run, watching, whole
from tests.servers.http import serving

PER_USER, IN_ALL = 2, 3


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"streams_per_user": PER_USER, "streams_per_process": IN_ALL})


@pytest.fixture
def app(settings: Settings, gateway: StandIn) -> FastAPI:
    return create_app(settings, gateway=gateway)


@pytest.fixture
async def base_url(app: FastAPI) -> AsyncIterator[str]:
    async with serving(app) as url:
        yield url


@pytest.fixture
def seats(app: FastAPI, base_url: str) -> Slots:
    return cast("Services", app.state.services).hub.seats


@pytest.fixture
async def generation(ana: httpx.AsyncClient, project: str, poses: list[str]) -> str:
    answer = await ana.post("/generate", json=gallery(project, poses, batchSize=2))
    return str(answer.json()["generationId"])


async def refused(client: httpx.AsyncClient, path: str) -> str:
    answer = await client.get(path)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (429, "RATE_LIMITED")
    assert int(answer.headers["Retry-After"]) > 0
    return str(error["message"])


async def test_a_user_has_so_many(ana: httpx.AsyncClient, as_user: Clients, generation: str) -> None:
    """Of both kinds together; other users have their own."""
    path = f"/generations/{generation}/events"
    async with watching(ana, path), watching(ana, "/events"):
        for more in (path, "/events"):
            assert await refused(ana, more) == "Only 2 event streams at once. Wait until one has ended."
        async with watching(as_user("ben"), "/events"):
            pass


async def test_all_together_have_so_many(ana: httpx.AsyncClient, as_user: Clients) -> None:
    async with watching(ana, "/events"), watching(ana, "/events"), watching(as_user("ben"), "/events"):
        assert "too many event streams" in await refused(as_user("cem"), "/events")


async def test_who_leaves_frees_the_place(ana: httpx.AsyncClient, seats: Slots, generation: str) -> None:
    path = f"/generations/{generation}/events"
    for _ in range(3):
        async with watching(ana, path), watching(ana, "/events"):
            assert seats.in_use == PER_USER
        await until(lambda: seats.in_use == 0)


async def test_a_stream_that_is_over_frees_the_place(
    ana: httpx.AsyncClient, gateway: StandIn, seats: Slots, generation: str
) -> None:
    path = f"/generations/{generation}/events"
    async with watching(ana, path) as stream:
        await run(gateway, generation)
        await until(lambda: stream.ended)
        await until(lambda: seats.in_use == 0)
    for _ in range(2 * IN_ALL):
        assert (await whole(ana, path)).kinds == ["snapshot", "completed"]
    await until(lambda: seats.in_use == 0)


async def test_an_error_frees_the_place(
    ana: httpx.AsyncClient, seats: Slots, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def explode(*_: object) -> None:
        raise KeyError

    monkeypatch.setattr("schema.queries.generations.running", explode)
    for _ in range(2 * IN_ALL):
        with pytest.raises(httpx.RemoteProtocolError):
            await ana.get("/events")
    assert seats.in_use == 0


async def test_who_is_gone_before_the_first_event_frees_the_place(
    ana: httpx.AsyncClient, seats: Slots, generation: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The watcher's first answer does not come: nothing has been sent when the client loses patience."""

    async def never(*_: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr("api.progress.watcher.Watcher._ask", never)
    for _ in range(2 * IN_ALL):
        async with ana.stream("GET", f"/generations/{generation}/events"):
            assert seats.in_use == 1
        await until(lambda: seats.in_use == 0)


async def test_a_refused_request_takes_none(
    ana: httpx.AsyncClient, as_user: Clients, seats: Slots, generation: str
) -> None:
    path = f"/generations/{generation}/events"
    for _ in range(2 * IN_ALL):
        assert (await as_user("ben").get(path)).status_code == 404
        assert (await ana.get(path, params={"lastEventId": "x"})).status_code == 400
    assert (await ana.head(path)).status_code == 405
    assert seats.in_use == 0


async def test_the_end_of_the_server_frees_all(settings: Settings, gateway: StandIn) -> None:
    app = create_app(settings, gateway=gateway)
    headers = {"Authorization": f"Bearer {token()}"}
    async with httpx.AsyncClient(headers=headers, timeout=30) as client, AsyncExitStack() as streams:
        async with serving(app) as url:
            client.base_url = httpx.URL(url + PREFIX)
            seats = cast("Services", app.state.services).hub.seats
            for _ in range(PER_USER):
                await streams.enter_async_context(watching(client, "/events"))
            assert seats.in_use == PER_USER
        assert seats.in_use == 0
