"""A Temporal development server in memory, with the arguments of temporal-dev.yml.

One for all tests, of which each has a namespace of its own; or one of a test's own.
"""

import asyncio
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Final

from google.protobuf.duration_pb2 import Duration
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.api.workflowservice.v1 import RegisterNamespaceRequest
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment

from cli.up import programs, temporal

OWN: Final = (
    "--namespace",
    "--db-filename",
    "--sqlite-pragma",
    "--ip",
    "--port",
    "--ui-port",
    "--log-level",
)
"""What the SDK's test environment says itself, or what only a file needs."""
ATTRIBUTE: Final = "--search-attribute="
RETENTION: Final = Duration(seconds=24 * 3600)


@contextmanager
def serving() -> Iterator[dict[str, str]]:
    with asyncio.Runner() as runner:
        environment = runner.run(_start())
        try:
            yield {"address": environment.client.service_client.config.target_host}
        finally:
            runner.run(environment.shutdown())


@asynccontextmanager
async def development_server() -> AsyncIterator[Client]:
    async with await _start() as environment:
        yield environment.client


async def own_namespace(address: str) -> Client:
    """A new namespace, with the search attributes of ours."""
    client = await Client.connect(
        address, namespace=f"test-{uuid.uuid4().hex}", data_converter=pydantic_data_converter
    )
    await client.workflow_service.register_namespace(
        RegisterNamespaceRequest(namespace=client.namespace, workflow_execution_retention_period=RETENTION)
    )
    await client.operator_service.add_search_attributes(
        AddSearchAttributesRequest(namespace=client.namespace, search_attributes=_attributes())
    )
    return client


async def _start(attempts: int = 3) -> WorkflowEnvironment:
    """The SDK gives it five seconds, and a disk that has not read it lately needs more."""
    try:
        return await _start_once()
    except RuntimeError:
        if attempts == 1:
            raise
        return await _start(attempts - 1)


async def _start_once() -> WorkflowEnvironment:
    words = [word for word in temporal.arguments() if word.startswith("--") and not word.startswith(OWN)]
    return await WorkflowEnvironment.start_local(
        dev_server_existing_path=str(programs.temporal()),
        dev_server_extra_args=words,
        dev_server_log_level="error",
        data_converter=pydantic_data_converter,
    )


def _attributes() -> dict[str, IndexedValueType.ValueType]:
    said = [word.removeprefix(ATTRIBUTE) for word in temporal.arguments() if word.startswith(ATTRIBUTE)]
    kinds = dict(word.split("=") for word in said)
    return {
        name: IndexedValueType.Value(f"INDEXED_VALUE_TYPE_{kind.upper()}") for name, kind in kinds.items()
    }
