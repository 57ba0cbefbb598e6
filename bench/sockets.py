"""Many open event streams for little of the machine: bare sockets whose bytes are read and thrown away."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from cli.http import PREFIX, Api

OPENING = 50
"""Connections opened at once."""
CHUNK = 2**16


@asynccontextmanager
async def streams(api: Api, path: str, count: int) -> AsyncIterator[None]:
    """Each accepted and open until the end."""
    places = asyncio.Semaphore(OPENING)
    readers = await asyncio.gather(*(_opened(api, path, places) for _ in range(count)))
    read = [asyncio.create_task(_drained(reader)) for reader, _ in readers]
    try:
        yield
        assert not any(task.done() for task in read), "the API ended streams"
    finally:
        for _, writer in readers:
            writer.close()
        await asyncio.gather(*read, return_exceptions=True)


async def _opened(
    api: Api, path: str, places: asyncio.Semaphore
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    url, token = urlsplit(str(api.http.base_url)), api.http.headers["Authorization"]
    asked = f"GET {PREFIX}{path} HTTP/1.1\r\nHost: {url.netloc}\r\nAuthorization: {token}\r\n\r\n"
    async with places:
        reader, writer = await asyncio.open_connection(url.hostname, url.port)
        writer.write(asked.encode())
        status = await reader.readline()
    assert b" 200 " in status, status
    return reader, writer


async def _drained(reader: asyncio.StreamReader) -> None:
    while await reader.read(CHUNK):
        pass
