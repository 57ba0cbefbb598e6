"""Who holds a connection must be using it: slow and dead clients are cut off, and nobody else notices."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from fastapi import FastAPI
from sse_starlette import ServerSentEvent

from api import middleware
from api.app import PREFIX
from api.progress.streams import UserStream
from api.server import connection, files
from api.services import Services
from tests.eventually import until
from tests.integration.api.conftest import token

SHORT_S = 0.4
WHOLE = b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n"
LONG_GOOD = token(exp=time.time() + 86_400)
POST = (
    f"POST {PREFIX}/projects HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {LONG_GOOD}\r\n"
    "Content-Type: application/json\r\n"
)


@dataclass
class Wire:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def stand_still(self) -> None:
        """As a process that reads nothing more."""
        self.writer.transport.pause_reading()  # type: ignore[attr-defined]  # a socket's is both ways

    async def send(self, *parts: str | bytes) -> None:
        for part in parts:
            self.writer.write(part.encode() if isinstance(part, str) else part)
        await self.writer.drain()

    async def drip(self, part: bytes, pause_s: float = 0.03) -> None:
        """Until the other side has had enough."""
        try:
            while not self.reader.at_eof():
                await self.send(part)
                await asyncio.sleep(pause_s)
        except ConnectionError:
            return

    async def answer(self) -> tuple[int, dict[str, Any]]:
        head = await self.reader.readuntil(b"\r\n\r\n")
        status, length = int(head.split()[1]), 0
        for line in head.decode().splitlines():
            if line.lower().startswith("content-length:"):
                length = int(line.partition(":")[2])
        body: dict[str, Any] = json.loads(await self.reader.readexactly(length))
        return status, body

    async def ended(self) -> bool:
        """Closed or cut off by the other side, whatever came before."""
        try:
            async with asyncio.timeout(10):
                while await self.reader.read(65536):
                    pass
        except ConnectionError:
            return True
        except TimeoutError:
            return False
        return True


@asynccontextmanager
async def wire(base_url: str) -> AsyncIterator[Wire]:
    address = httpx.URL(base_url)
    reader, writer = await asyncio.open_connection(address.host, address.port)
    try:
        yield Wire(reader, writer)
    finally:
        writer.transport.abort()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same limits, in a test's time."""
    for name in ("HEAD_S", "STALLED_S"):
        monkeypatch.setattr(connection, name, SHORT_S)
    monkeypatch.setattr(middleware, "BODY_S", SHORT_S)


def error(answer: tuple[int, dict[str, Any]]) -> tuple[int, str]:
    status, body = answer
    assert body["error"]["statusCode"] == status
    return status, body["error"]["code"]


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


@pytest.mark.parametrize(
    "endless",
    [
        (b"GET /livez HTTP/1.1\r\n", b"X-%d: " + b"a" * 1000 + b"\r\n"),
        (b"GET /livez HTTP/1.1\r\nX-A: ", b"a" * 1000),
        (b"GET /", b"a" * 1000),
        (POST.encode() + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"X-A: " + b"a" * 1000 + b"\r\n"),
        (POST.encode() + b"Transfer-Encoding: chunked\r\n\r\n0\r\nX-A: ", b"a" * 1000),
        (POST.encode() + b"Transfer-Encoding: chunked\r\n\r\n1;x=", b"a" * 1000),
    ],
    ids=["headers", "header", "address", "trailers", "trailer", "extension"],
)
async def test_a_head_without_end_is_refused(base_url: str, endless: tuple[bytes, bytes]) -> None:
    begin, more = endless
    async with wire(base_url) as client:
        await client.send(begin)
        await asyncio.wait_for(client.drip(more, pause_s=0), 10)


async def test_a_head_that_is_too_large_is_told_so(base_url: str) -> None:
    async with wire(base_url) as client:
        await client.send("GET /livez HTTP/1.1\r\nHost: x\r\nX-A: ", b"a" * connection.HEAD_BYTES)
        assert error(await client.answer()) == (431, "HEAD_TOO_LARGE")
        assert await client.ended()


async def test_what_is_no_request_is_400_in_our_shape(base_url: str) -> None:
    async with wire(base_url) as client:
        await client.send("\x16\x03\x01 hello\r\n\r\n")
        assert error(await client.answer()) == (400, "VALIDATION_ERROR")
        assert await client.ended()


@pytest.mark.parametrize(
    "framing",
    [
        "Content-Length: 30\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "Content-Length: 5\r\nContent-Length: 30\r\n\r\n{}   ",
        "Content-Length: +2\r\n\r\n{}",
        "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    ],
    ids=["both", "two", "signed", "identity last", "space"],
)
async def test_requests_of_two_lengths_are_none(base_url: str, framing: str) -> None:
    """Else what one reader takes for a body is another's next request."""
    async with wire(base_url) as client:
        await client.send(POST, framing, get("/livez"))
        assert error(await client.answer()) == (400, "VALIDATION_ERROR")
        assert await client.ended()


async def test_an_upgrade_is_answered_as_any_request(base_url: str, caplog: pytest.LogCaptureFixture) -> None:
    upgrade = (
        b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: eA==\r\nSec-WebSocket-Version: 13"
    )
    async with wire(base_url) as client:
        await client.send(WHOLE.removesuffix(b"\r\n"), upgrade, b"\r\n\r\n")
        assert (await client.answer())[0] == 200
    assert [record.message for record in caplog.records if record.name.startswith("uvicorn")] == []


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


async def test_the_quietest_connection_makes_room(base_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_CONNECTIONS", 2)
    async with wire(base_url) as quiet, wire(base_url) as younger, wire(base_url) as newest:
        assert await quiet.ended()
        for client in (younger, newest):
            await client.send(get("/livez"))
            assert (await client.answer())[0] == 200


async def test_streams_are_not_cut_for_who_comes_later(
    base_url: str, app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "MAX_CONNECTIONS", 2)
    async with wire(base_url) as one, wire(base_url) as other:
        for client in (one, other):
            await client.send(get(f"{PREFIX}/events"))
        await until(lambda: services(app).hub.seats.in_use == 2)
        async with wire(base_url) as late:
            assert error(await late.answer()) == (503, "UNAVAILABLE")
        assert services(app).hub.seats.in_use == 2


def test_room_is_by_the_files_that_may_be_open(monkeypatch: pytest.MonkeyPatch) -> None:
    for soft, room in ((20_000, 8192), (1024, 768), (300, 150)):
        monkeypatch.setattr("resource.getrlimit", lambda _, soft=soft: (soft, 20_000))
        assert files.room() == room


def get(path: str) -> str:
    return f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token()}\r\n\r\n"


def services(app: FastAPI) -> Services:
    found: Services = app.state.services
    return found
