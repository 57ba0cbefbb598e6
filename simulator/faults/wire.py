"""Answers that no framework gives: broken off, never given, or given one byte at a time."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from typing import Final

from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

TRANSPORT: Final = "simulator.transport"
"""Where the app leaves the connection's transport in the ASGI scope."""

RESET_ON_CLOSE: Final = struct.pack("ii", 1, 0)  # SO_LINGER of no time: the kernel sends RST instead of FIN


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


class Silence(Response):
    """Says nothing until the client has gone."""

    async def __call__(self, _: Scope, receive: Receive, __: Send) -> None:
        await _until_gone(receive)


class Reset(Response):
    """Resets the connection; the client sees no byte, or the first half of an answer."""

    def __init__(self, half: Response | None = None) -> None:
        super().__init__()
        self._half = half

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        transport: asyncio.Transport = scope[TRANSPORT]
        if self._half:
            await _send_half(self._half, send)
        else:
            linger = socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE
            transport.get_extra_info("socket").setsockopt(*linger)
        transport.abort()
        await _until_gone(receive)


async def _send_half(response: Response, send: Send) -> None:
    body = bytes(response.body)
    await send(
        {"type": "http.response.start", "status": response.status_code, "headers": response.raw_headers}
    )
    await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})


def drip(response: Response, pause_s: float) -> Response:
    """The same answer with its right length, byte by byte."""

    async def bytewise() -> AsyncIterator[bytes]:
        for byte in bytes(response.body):
            yield bytes((byte,))
            await asyncio.sleep(pause_s)

    return StreamingResponse(bytewise(), response.status_code, dict(response.headers))
