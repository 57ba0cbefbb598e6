"""What is no proper HTTP request, or one without end, is refused, and its connection ends."""

import asyncio

import pytest

from api.server import connection
from tests.integration.api.wires import POST, WHOLE, error, get, wire


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
