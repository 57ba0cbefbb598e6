"""Workflows on a real Temporal development server, their activities pretended by name."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest
from temporalio.client import Client
from temporalio.common import SearchAttributeKey
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from cli.up import programs
from tests.workflow.fakes import FakeActivities, World
from workflows import names
from workflows.gateway import GenerationGateway
from workflows.generation import GenerationWorkflow


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    attributes: list[SearchAttributeKey[Any]] = [
        names.USER_ID,
        names.PROJECT_ID,
        names.STATUS,
        names.ERROR_CODE,
        names.ITEMS_TOTAL,
        names.ITEMS_DONE,
        names.ITEMS_FAILED,
        names.DEGRADED,
    ]
    async with await WorkflowEnvironment.start_local(
        dev_server_existing_path=str(programs.temporal()),
        data_converter=pydantic_data_converter,
        search_attributes=attributes,
        dev_server_log_level="error",
    ) as environment:
        yield environment.client


@pytest.fixture
def gateway(client: Client) -> GenerationGateway:
    return GenerationGateway(client)


@pytest.fixture
async def workers(client: Client, world: World) -> AsyncIterator[None]:
    async with serving(client, world):
        yield


@asynccontextmanager
async def serving(client: Client, world: World) -> AsyncIterator[None]:
    activities = FakeActivities(world).all
    async with AsyncExitStack() as stack:
        for queue in names.QUEUES:
            workflows = [GenerationWorkflow] if queue == names.ORCHESTRATION else []
            await stack.enter_async_context(
                Worker(client, task_queue=queue, activities=activities, workflows=workflows)
            )
        yield
