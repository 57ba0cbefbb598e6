"""Somebody else's web server on this machine, written by hand so that it can misbehave as it likes."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

Handler = Callable[[asyncio.StreamWriter, str], Awaitable[None]]
"""What a server does with a request's path."""

OK = b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n"


@dataclass
class Site:
    """A server that notes what it is asked and misbehaves by path."""

    answers: dict[str, bytes] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    handlers: dict[str, Handler] = field(default_factory=dict)
    open: int = 0
    port: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open += 1
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            self.requests.append(head)
            path = head.split()[1]
            if path in self.handlers:
                await self.handlers[path](writer, path)
            else:
                writer.write(self.answers[path])
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self.open -= 1
            writer.close()

    def show(self, path: str, content: bytes) -> str:
        """Answers with that content from now on; the URL."""
        self.answers[path] = OK + f"Content-Length: {len(content)}\r\n\r\n".encode() + content
        return self.url(path)

    def url(self, path: str, host: str = "127.0.0.1", scheme: str = "http") -> str:
        return f"{scheme}://{host}:{self.port}{path}"


@asynccontextmanager
async def opened(
    host: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Site]:
    site = Site()
    server = await asyncio.start_server(site.serve, host, port, ssl=tls)
    site.port = server.sockets[0].getsockname()[1]
    async with server:
        yield site
