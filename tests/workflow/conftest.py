"""Workflows on a real Temporal development server, their activities pretended by name."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest
from temporalio.client import Client
from temporalio.worker import Worker

from tests.servers.temporal import own_namespace
from tests.workflow.fakes import FakeActivities
from tests.workflow.world import World
from workflows import names
from workflows.background_change import BackgroundChangeWorkflow
from workflows.gateway import GenerationGateway
from workflows.generation import GenerationWorkflow
from workflows.pools import HEARTBEAT_THROTTLE
from workflows.reconcile import ReconcileWorkflow
from workflows.runner import Runner

WORKFLOWS = [GenerationWorkflow, BackgroundChangeWorkflow, ReconcileWorkflow]


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
async def client(temporal_address: str) -> Client:
    return await own_namespace(temporal_address)


@pytest.fixture
def gateway(client: Client) -> GenerationGateway:
    return GenerationGateway(client)


@pytest.fixture
async def workers(client: Client, world: World) -> AsyncIterator[None]:
    async with serving(client, world):
        yield


@asynccontextmanager
async def serving(client: Client, world: World, *more: Callable[..., Any]) -> AsyncIterator[None]:
    activities = [*FakeActivities(world).all, *more]
    async with AsyncExitStack() as stack:
        for queue in names.QUEUES:
            workflows = WORKFLOWS if queue == names.ORCHESTRATION else []
            await stack.enter_async_context(
                Worker(
                    client,
                    task_queue=queue,
                    activities=activities,
                    workflows=workflows,
                    workflow_runner=Runner(),
                    max_heartbeat_throttle_interval=HEARTBEAT_THROTTLE,
                )
            )
        yield
