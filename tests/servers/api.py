"""`posegen api` as processes of their own, as many as a test wants on the same database."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from cli.up import launch, ports
from schema.settings import Settings
from tests.eventually import eventually

PASSED_ON = (
    "temporal_address",
    "temporal_namespace",
    "storage_local_path",
    "public_base_url",
    "rate_limit_items_per_minute",
)


@asynccontextmanager
async def api_process(settings: Settings) -> AsyncIterator[str]:
    """Its address, once requests can be served."""
    port = ports.choose(0, "")
    url = f"http://{ports.HOST}:{port}"
    argv = [sys.executable, "-P", "-m", "cli.main", "api", "--port", str(port)]
    process = await asyncio.create_subprocess_exec(
        *launch.command(argv), env=os.environ | _environment(settings)
    )
    try:
        await eventually(lambda: _ready(url), bool, within_s=120)
        yield url
    finally:
        process.terminate()
        await process.wait()


def _environment(settings: Settings) -> dict[str, str]:
    given: dict[str, Any] = {name: getattr(settings, name) for name in PASSED_ON}
    given["database_url"] = settings.database_url.get_secret_value()
    return {name.upper(): str(value) for name, value in given.items()} | {"LOG_LEVEL": "WARNING"}


async def _ready(url: str) -> bool:
    async with httpx.AsyncClient() as client:
        try:
            return (await client.get(f"{url}/readyz")).is_success
        except httpx.TransportError:
            return False
