"""A Temporal development server of the test's own, in memory, with the arguments of temporal-dev.yml."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment

from cli.up import programs, temporal

OWN = ("--namespace", "--db-filename", "--sqlite-pragma", "--ip", "--port", "--ui-port", "--log-level")
"""What the SDK's test environment says itself, or what only a file needs."""


@asynccontextmanager
async def development_server() -> AsyncIterator[Client]:
    words = [word for word in temporal.arguments() if word.startswith("--") and not word.startswith(OWN)]
    async with await WorkflowEnvironment.start_local(
        dev_server_existing_path=str(programs.temporal()),
        dev_server_extra_args=words,
        dev_server_log_level="error",
        data_converter=pydantic_data_converter,
    ) as environment:
        yield environment.client
