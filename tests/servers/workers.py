"""`posegen worker` as processes of their own, each with the settings that a test gives it."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from pydantic import SecretStr

from cli.up import launch
from schema.settings import Settings

Process = asyncio.subprocess.Process


async def worker_process(settings: Settings, *options: str) -> Process:
    argv = [sys.executable, "-P", "-m", "cli.main", "worker", *options]
    return await asyncio.create_subprocess_exec(
        *launch.command(argv), env=os.environ | environment(settings), stderr=asyncio.subprocess.PIPE
    )


@asynccontextmanager
async def working(settings: Settings, *options: str) -> AsyncIterator[Process]:
    """Killed at the end, if it still lives."""
    process = await worker_process(settings, *options)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


def environment(settings: Settings) -> dict[str, str]:
    """What was said to make these settings, for a process that reads the environment."""
    given = {name.upper(): getattr(settings, name) for name in settings.model_fields_set}
    return {name: _word(value) for name, value in given.items()}


def _word(value: Any) -> str:
    match value:
        case None:
            return ""
        case SecretStr():
            return value.get_secret_value()
        case tuple():
            return json.dumps(value)
        case _:
            return str(value)
