"""Who holds a connection must be using it: slow and dead clients are cut off, and nobody else notices."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import psutil
import pytest
from fastapi import FastAPI
from sse_starlette import ServerSentEvent

from api import middleware
from api.app import PREFIX
from api.progress.streams import UserStream
from api.server import connection
from tests.eventually import until
from tests.integration.api.wires import POST, WHOLE, error, get, services, wire

SHORT_S = 0.4


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same limits, in a test's time."""
    for name in ("HEAD_S", "STALLED_S"):
        monkeypatch.setattr(connection, name, SHORT_S)
    monkeypatch.setattr(middleware, "BODY_S", SHORT_S)


@pytest.mark.usefixtures("impatient")
async def test_who_says_nothing_is_left(base_url: str) -> None:
    async with wire(base_url) as client:
        assert await client.ended()


@pytest.mark.usefixtures("impatient")
async def test_a_head_that_drips_is_408(base_url: str) -> None:
    async with wire(base_url) as client:
        await client.send("GET /livez HTTP/1.1\r\nHost: x\r\n")
        dripping = asyncio.create_task(client.drip(b"X-A: b\r\n"))
        assert error(await client.answer()) == (408, "REQUEST_TIMEOUT")
        assert await client.ended()
        await dripping


@pytest.mark.usefixtures("impatient")
async def test_a_kept_connection_gets_no_second_chance(base_url: str) -> None:
    """Its second request drips; the time for idle connections is over with its first byte."""
    async with wire(base_url) as client:
        await client.send(WHOLE)
        assert (await client.answer())[0] == 200
        dripping = asyncio.create_task(client.drip(b"G"))
        await client.ended()
        await dripping


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    "framing",
    ["Content-Length: 400000\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n"],
    ids=["length", "chunks"],
)
async def test_a_body_that_drips_is_408(base_url: str, framing: str) -> None:
    part = b"1\r\n \r\n" if "chunked" in framing else b" "
    async with wire(base_url) as client:
        await client.send(POST, framing)
        dripping = asyncio.create_task(client.drip(part))
        assert error(await client.answer()) == (408, "REQUEST_TIMEOUT")
        assert await client.ended()
        await dripping


async def test_a_body_may_take_as_long_as_it_keeps_coming(
    base_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(middleware, "BODY_S", SHORT_S)
    monkeypatch.setattr(middleware, "LEAST_BYTES_PER_S", 1000)
    body = b'{"projectName": "Slow"}' + b" " * 3000
    async with wire(base_url) as client:
        await client.send(POST, f"Content-Length: {len(body)}\r\n\r\n")
        for start in range(0, len(body), 200):
            await client.send(body[start : start + 200])
            await asyncio.sleep(0.1)
        assert (await client.answer())[0] == 201


@pytest.mark.usefixtures("impatient")
async def test_what_follows_a_refused_body_ends_too(base_url: str) -> None:
    """The answer is there at once; a body that nobody reads must not hold the connection."""
    async with wire(base_url) as client:
        await client.send(f"POST {PREFIX}/uploads HTTP/1.1\r\nHost: x\r\nContent-Length: 999999\r\n\r\n")
        assert error(await client.answer()) == (401, "UNAUTHENTICATED")
        dripping = asyncio.create_task(client.drip(b" "))
        assert await client.ended()
        await dripping


async def chatter(*_: object) -> AsyncIterator[ServerSentEvent]:
    while True:
        yield ServerSentEvent("x" * 65536, event="progress", id="gen_x:1", sep="\n")
        await asyncio.sleep(0)


@pytest.mark.usefixtures("impatient")
async def test_a_stream_that_nobody_reads_gives_its_seat_back(
    base_url: str, app: FastAPI, ana: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(UserStream, "events", chatter)
    seats = services(app).hub.seats
    async with wire(base_url) as client:
        client.stand_still()
        await client.send(get(f"{PREFIX}/events"))
        await until(lambda: seats.in_use == 1)
        await until(lambda: seats.in_use == 0)
    assert (await ana.get("/credits")).status_code == 200


@pytest.mark.usefixtures("impatient")
async def test_a_file_that_nobody_takes_is_closed(base_url: str, app: FastAPI, tmp_path: Path) -> None:
    storage = services(app).storage
    await storage.put("generated/gen_x/item_x.png", b"x" * (32 << 20))
    url = httpx.URL(storage.url("generated/gen_x/item_x.png"))
    async with wire(base_url) as client:
        client.stand_still()
        await client.send(get(url.raw_path.decode()))
        await until(lambda: opened(tmp_path) == ["item_x.png"])
        await until(lambda: opened(tmp_path) == [])


def opened(folder: Path) -> list[str]:
    paths = [Path(file.path) for file in psutil.Process().open_files()]
    return [path.name for path in paths if path.is_relative_to(folder)]


@pytest.mark.usefixtures("impatient")
async def test_who_reads_slowly_gets_it_all(
    base_url: str, app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Longer than a client that takes nothing would be waited for."""
    monkeypatch.setattr(connection, "LEAST_TAKEN_BYTES", 1024)
    monkeypatch.setattr(connection, "STALLED_S", 2.0)
    size = 16 << 20
    storage = services(app).storage
    await storage.put("generated/gen_x/item_x.png", b"x" * size)
    async with wire(base_url) as client:
        await client.send(get(httpx.URL(storage.url("generated/gen_x/item_x.png")).raw_path.decode()))
        await client.reader.readuntil(b"\r\n\r\n")
        read = 0
        while read < size:
            read += len(await client.reader.read(1 << 20))
            await asyncio.sleep(SHORT_S / 8)
    assert read == size
