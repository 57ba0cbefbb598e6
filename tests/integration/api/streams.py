"""What a client receives of a stream of progress, and a run for it to watch."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from httpx_sse import EventSource, ServerSentEvent, aconnect_sse

from tests.eventually import until
from tests.integration.api.conftest import gallery
from tests.integration.api.stand_in import StandIn


@dataclass
class Stream:
    """What one client has received so far."""

    events: list[ServerSentEvent] = field(default_factory=list)
    ended: bool = False

    @property
    def kinds(self) -> list[str]:
        return [event.event for event in self.events]

    @property
    def ids(self) -> list[int]:
        return [int(event.id.rpartition(":")[2]) for event in self.events]

    def data(self, kind: str) -> list[dict[str, Any]]:
        return [json.loads(event.data) for event in self.events if event.event == kind]

    async def read(self, source: EventSource) -> None:
        async for event in source.aiter_sse():
            self.events.append(event)
        self.ended = True


@asynccontextmanager
async def watching(client: httpx.AsyncClient, path: str, last_id: object = None) -> AsyncIterator[Stream]:
    headers = {} if last_id is None else {"Last-Event-ID": str(last_id)}
    stream = Stream()
    async with aconnect_sse(client, "GET", path, headers=headers) as source:
        assert source.response.status_code == 200, await source.response.aread()
        reading = asyncio.create_task(stream.read(source))
        try:
            await until(lambda: bool(stream.events) or reading.done() or path.startswith("/events"))
            yield stream
        finally:
            reading.cancel()
            await asyncio.wait([reading])


async def whole(client: httpx.AsyncClient, path: str, last_id: object = None) -> Stream:
    async with watching(client, path, last_id) as stream:
        await until(lambda: stream.ended)
    return stream


@pytest.fixture
async def generation(ana: httpx.AsyncClient, project: str, poses: list[str]) -> str:
    answer = await ana.post("/generate", json=gallery(project, poses, batchSize=2))
    assert answer.status_code == 202, answer.text
    return str(answer.json()["generationId"])


async def run(gateway: StandIn, generation: str) -> None:
    """Five delivered, one failed, settled as partial."""
    await gateway.begin(generation)
    for index in (1, 0, 3):
        await gateway.deliver(generation, index)
    await gateway.fail(generation, 2)
    for index in (5, 4):
        await gateway.deliver(generation, index)
    await gateway.settle(generation)
