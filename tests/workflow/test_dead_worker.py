"""What a dead worker held is taken apart by the garbage collector: nothing may wait for anything then."""

import asyncio
from collections.abc import Iterator
from types import CoroutineType
from typing import Any

import pytest
from temporalio.client import Client
from temporalio.worker import WorkflowInstance, WorkflowInstanceDetails

from tests.eventually import until
from tests.workflow.conftest import serving
from tests.workflow.orders import order
from tests.workflow.world import World
from workflows.gateway import GenerationGateway
from workflows.runner import Runner


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The runs in a worker's memory; each is its own event loop."""
    runs: list[Any] = []
    create = Runner.create_instance

    def kept(self: Runner, det: WorkflowInstanceDetails) -> WorkflowInstance:
        run = create(self, det)
        runs.append(vars(run)["_run"])
        return run

    monkeypatch.setattr(Runner, "create_instance", kept)
    return runs


def frames(coroutine: object) -> "Iterator[CoroutineType[Any, Any, Any]]":
    """From the inmost outwards. (Only the type checker can subscript the type, hence the quotes.)"""
    if isinstance(coroutine, CoroutineType):
        yield from frames(coroutine.cr_await)
        yield coroutine


async def test_a_batch_under_way_can_be_taken_apart(
    gateway: GenerationGateway, client: Client, world: World, held: list[Any]
) -> None:
    made, world.hold_from = order(), 0
    async with serving(client, world):
        await gateway.start(made, priority_key=3)
        await until(lambda: world.running == made.parallelism)
        tasks = [task for run in held for task in asyncio.all_tasks(run)]
        coroutines = [coroutine for task in tasks for coroutine in frames(task.get_coro())]
        assert any(coroutine.__qualname__ == "Batch.run" for coroutine in coroutines)
        for coroutine in coroutines:
            coroutine.close()
        world.hold.set()
