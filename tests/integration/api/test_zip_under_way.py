"""A ZIP while it is sent: it takes little memory, its share and no more, and nothing once its client left."""

import asyncio
import logging
import re
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import pytest
from fastapi import FastAPI

from api.app import PREFIX
from api.services import Services
from api.zips import response
from tests.eventually import until
from tests.integration.api.conftest import Clients, token
from tests.integration.api.darkroom import Darkroom

MIB = 2**20
LARGE, COUNT = 8 * MIB, 24
"""Together far more than what sockets buffer."""


@dataclass
class Line:
    """A client that reads when told to."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    head: str

    async def drain(self) -> int:
        """To the end; how many bytes."""
        total = 0
        while chunk := await self.reader.read(MIB):
            total += len(chunk)
        return total


@asynccontextmanager
async def asking(base_url: str, path: str, user: str = "ana") -> AsyncIterator[Line]:
    """The answer's head is read, its body waits."""
    address = httpx.URL(base_url)
    reader, writer = await asyncio.open_connection(address.host, address.port, limit=65536)
    try:
        headers = f"Host: x\r\nConnection: close\r\nAuthorization: Bearer {token(user)}"
        writer.write(f"GET {PREFIX}{path} HTTP/1.1\r\n{headers}\r\n\r\n".encode())
        yield Line(reader, writer, (await reader.readuntil(b"\r\n\r\n")).decode())
    finally:
        writer.close()
        await writer.wait_closed()


@pytest.fixture
def parts(app: FastAPI, base_url: str) -> Services:
    found: Services = app.state.services
    return found


@pytest.fixture
async def generation(darkroom: Darkroom, poses: list[str]) -> str:
    """Pictures of 8 MiB, which only look like it."""
    generation = await darkroom.order(poses, batchSize=COUNT // len(poses))
    await darkroom.deliver(generation, range(COUNT))
    for item in await darkroom.items(generation):
        await darkroom.storage.put(str(item.image_key), b"x" * LARGE)
    return generation


@pytest.fixture
def path(generation: str) -> str:
    return f"/generations/{generation}/export-zip"


async def counted(darkroom: Darkroom, generation: str) -> int:
    """How many pictures have been sent whole."""
    return sum(item.download_count for item in await darkroom.items(generation))


def length(line: Line) -> int:
    found = re.search(r"content-length: (\d+)", line.head, re.IGNORECASE)
    assert found, line.head
    return int(found[1])


async def test_memory_does_not_grow_with_the_archive(base_url: str, path: str) -> None:
    async with asking(base_url, path) as line:
        tracemalloc.start()
        try:
            assert await line.drain() == length(line) > COUNT * LARGE
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert peak < 8 * MIB, "192 MiB went through"


async def test_a_client_that_leaves_frees_everything(
    *, base_url: str, parts: Services, darkroom: Darkroom, generation: str, path: str, tmp_path: Path
) -> None:
    async with asking(base_url, path) as line:
        await line.reader.readexactly(MIB)
        assert parts.zips.slots.in_use == 1
    await until(lambda: parts.zips.slots.in_use == 0)
    assert await counted(darkroom, generation) < COUNT // 2
    opened = [file.path for file in psutil.Process().open_files()]
    assert [name for name in opened if name.startswith(str(tmp_path))] == []


async def test_a_client_that_takes_nothing_is_given_up(
    *,
    base_url: str,
    parts: Services,
    darkroom: Darkroom,
    generation: str,
    path: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Until then nothing is read for it in advance."""
    monkeypatch.setattr(response, "STALLED_S", 0.5)
    async with asking(base_url, path) as line:
        await until(lambda: parts.zips.slots.in_use == 0)
        assert await counted(darkroom, generation) < COUNT // 2
        assert await line.drain() < length(line)
    assert [record.message for record in caplog.records if record.levelno == logging.WARNING] == [
        "a ZIP download was given up: nothing was taken for 0 s"
    ]


async def test_each_user_and_all_together_have_a_limit(
    base_url: str, parts: Services, darkroom: Darkroom, as_user: Clients, path: str
) -> None:
    async with asking(base_url, path) as first, asking(base_url, path):
        refused = await darkroom.client.get(path)
        assert (refused.status_code, refused.json()["error"]["code"]) == (429, "RATE_LIMITED")
        assert refused.headers["Retry-After"] == "10"
        assert (await as_user("ben").get(path)).status_code == 404, "others are not in the way"
        assert parts.zips.slots.in_use == 2
        assert await first.drain() == length(first)
        await until(lambda: parts.zips.slots.in_use == 1)
        assert (await darkroom.client.get(path, params={"items": "0"})).status_code == 200
    await until(lambda: parts.zips.slots.in_use == 0)


async def test_a_refusal_takes_no_slot(parts: Services, darkroom: Darkroom, path: str) -> None:
    for query in ({"items": "499"}, {"formats": "polaroid"}):
        assert (await darkroom.client.get(path, params=query)).status_code == 400
    assert (await darkroom.client.get("/generations/gen_nowhere/export-zip")).status_code == 404
    assert parts.zips.slots.in_use == 0


async def test_what_breaks_in_the_middle_is_no_whole_download(
    base_url: str, parts: Services, darkroom: Darkroom, generation: str, path: str
) -> None:
    async with asking(base_url, path) as line:
        for item in await darkroom.items(generation):
            await darkroom.storage.delete(str(item.image_key))
        assert await line.drain() < length(line)
    await until(lambda: parts.zips.slots.in_use == 0)
