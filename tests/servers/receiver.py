"""A user's server that takes webhooks: it keeps what it is sent and answers as it is told."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from standardwebhooks import Webhook

from tests.eventually import until

Behave = Callable[[asyncio.StreamWriter], Awaitable[None]]
"""What is done in place of an orderly answer."""


@dataclass(frozen=True)
class Received:
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def payload(self) -> dict[str, Any]:
        read: dict[str, Any] = json.loads(self.body)
        return read

    @property
    def event(self) -> str:
        return str(self.payload["type"])

    def verified(self, secret: str) -> dict[str, Any]:
        """By the library that receivers use; raises for a wrong signature."""
        checked: dict[str, Any] = Webhook(secret).verify(self.body, self.headers)
        return checked


@dataclass
class Receiver:
    port: int = 0
    received: list[Received] = field(default_factory=list)
    answers: list[bytes | Behave] = field(default_factory=list)
    """One for each call; the usual one when there are none left."""
    usually: bytes | Behave = b""
    most_open: int = 0
    writers: set[asyncio.StreamWriter] = field(default_factory=set)

    @property
    def open(self) -> int:
        return len(self.writers)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    def of(self, event: str) -> list[Received]:
        return [each for each in self.received if each.event == event]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writers.add(writer)
        self.most_open = max(self.most_open, self.open)
        try:
            self.received.append(await _read(reader))
            answer = self.answers.pop(0) if self.answers else self.usually
            if isinstance(answer, bytes):
                writer.write(answer)
                await writer.drain()
            else:
                await answer(writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self.writers.discard(writer)
            writer.close()


async def _read(reader: asyncio.StreamReader) -> Received:
    head, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().strip().split("\r\n")
    headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
    return Received(head.split()[1], headers, await reader.readexactly(int(headers["content-length"])))


def answer(status: int, body: bytes = b"", **headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status} -", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


async def hang(writer: asyncio.StreamWriter) -> None:
    """Until the caller has enough."""
    with suppress(ConnectionError):
        while not writer.is_closing():
            await asyncio.sleep(0.05)
            writer.write(b"")
            await writer.drain()


async def drip(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.02)


@asynccontextmanager
async def receiving(usually: bytes | Behave = answer(200, b"thanks")) -> AsyncIterator[Receiver]:  # noqa: B008 - immutable
    receiver = Receiver(usually=usually)
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()
        for writer in receiver.writers:
            writer.close()
        await until(lambda: receiver.open == 0)
