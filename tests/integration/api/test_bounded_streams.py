"""What an open event stream costs this process: a connection, some kilobytes, nothing of the database."""

import asyncio
import gc
import tracemalloc
from contextlib import AsyncExitStack

import httpx
import pytest
from fastapi import FastAPI

from api.app import PREFIX, create_app
from api.services import Services
from schema.settings import Settings
from tests.eventually import until
from tests.integration.api.conftest import gallery, token
from tests.integration.api.stand_in import StandIn
from tests.integration.api.wires import wire

STREAMS = 200
MOST_BYTES = 96 * 1024
"""Client and server together, about 62 KiB: both are in this process."""


@pytest.fixture
def app(settings: Settings, gateway: StandIn) -> FastAPI:
    return create_app(settings.model_copy(update={"streams_per_user": STREAMS}), gateway=gateway)


async def test_an_open_stream_costs_little(
    base_url: str, app: FastAPI, ana: httpx.AsyncClient, project: str, poses: list[str]
) -> None:
    services: Services = app.state.services
    order = gallery(project, poses, batchSize=1)
    generation = (await ana.post("/generate", json=order)).json()["generationId"]
    path = f"{PREFIX}/generations/{generation}/events"
    request = f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token()}\r\n\r\n"

    async def opened(streams: AsyncExitStack, count: int) -> None:
        for _ in range(count):
            client = await streams.enter_async_context(wire(base_url))
            await client.send(request)
            await client.reader.readuntil(b"event: snapshot")

    async with AsyncExitStack() as streams:
        await opened(streams, 10)
        gc.collect()
        tracemalloc.start()
        try:
            await opened(streams, STREAMS - 10)
            gc.collect()
            each = tracemalloc.get_traced_memory()[0] / (STREAMS - 10)
        finally:
            tracemalloc.stop()
        assert services.hub.seats.in_use == STREAMS
        assert services.database._engine.pool.checkedout() == 0  # type: ignore[attr-defined]  # a QueuePool's
        assert len(services.hub._watchers) == 1
        assert each < MOST_BYTES
    await until(lambda: services.hub.seats.in_use == 0)
    await asyncio.sleep(0)
    assert services.hub._watchers == {}
