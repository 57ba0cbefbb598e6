"""Connections to the API on which a test writes and reads the bytes itself."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from fastapi import FastAPI

from api.app import PREFIX
from api.services import Services
from tests.integration.api.conftest import token

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


def error(answer: tuple[int, dict[str, Any]]) -> tuple[int, str]:
    status, body = answer
    assert body["error"]["statusCode"] == status
    return status, body["error"]["code"]


def get(path: str) -> str:
    return f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token()}\r\n\r\n"


def services(app: FastAPI) -> Services:
    found: Services = app.state.services
    return found
