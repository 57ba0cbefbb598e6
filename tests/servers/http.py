"""The API served over a real socket from this very event loop."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from fastapi import FastAPI
from pydantic import HttpUrl

from api.app import create_app
from api.server import OPTIONS
from schema.settings import Settings
from tests.eventually import until


class _Server(uvicorn.Server):
    """Ends as soon as it is told to, and not with its next tick."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._told = asyncio.Event()

    async def main_loop(self) -> None:
        await self.on_tick(0)
        await self._told.wait()

    def stop(self) -> None:
        self.should_exit = True
        self._told.set()


@asynccontextmanager
async def serving(app: FastAPI, port: int = 0, **options: Any) -> AsyncIterator[str]:
    """The app over a socket, as `posegen api` serves it; its address."""
    # With the protocol named asyncio switches Nagle's algorithm off, as it does for a port it opens itself.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    server = _Server(uvicorn.Config(app, lifespan="on", **OPTIONS, **options))
    running = asyncio.create_task(server.serve(sockets=[listener]))
    await until(lambda: server.started or running.done())
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.stop()
        await running
        listener.close()


@asynccontextmanager
async def api_served(settings: Settings) -> AsyncIterator[str]:
    """The API on the port that its settings name."""
    port = HttpUrl(settings.public_base_url).port
    assert port
    async with serving(create_app(settings), port, timeout_graceful_shutdown=1):
        yield settings.public_base_url
