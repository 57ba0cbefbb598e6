"""The API on the port that its settings name, served from this very event loop."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from pydantic import HttpUrl

from api.app import create_app
from schema.settings import Settings
from tests.eventually import until


class _Server(uvicorn.Server):
    def install_signal_handlers(self) -> None:
        """The signals are pytest's."""


@asynccontextmanager
async def api_served(settings: Settings) -> AsyncIterator[str]:
    port = HttpUrl(settings.public_base_url).port
    assert port
    config = uvicorn.Config(
        create_app(settings),
        port=port,
        log_config=None,  # uvicorn's own would stay with the logging of every later test
        access_log=False,
        proxy_headers=False,
        timeout_graceful_shutdown=1,
    )
    server = _Server(config)
    serving = asyncio.create_task(server.serve())
    try:
        await until(lambda: server.started or serving.done())
        yield settings.public_base_url
    finally:
        server.should_exit = True
        await serving
