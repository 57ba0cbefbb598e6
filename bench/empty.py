"""The least that a start can take: a workflow that only answers, begun by the same update-with-start."""

import asyncio
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Final

from temporalio import workflow
from temporalio.client import WithStartWorkflowOperation
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from schema.settings import Settings
from workflows.client import connect

QUEUE: Final = "bench-empty"


@workflow.defn
class Empty:
    def __init__(self) -> None:
        self._answered = False

    @workflow.run
    async def run(self) -> None:
        await workflow.wait_condition(lambda: self._answered)

    @workflow.update
    async def accepted(self) -> None:
        self._answered = True


@asynccontextmanager
async def starts() -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """What starts one; its worker is a process of its own, as ours is."""
    client = await connect(Settings())

    async def start() -> None:
        begun = WithStartWorkflowOperation(
            Empty.run, id=uuid.uuid4().hex, task_queue=QUEUE, id_conflict_policy=WorkflowIDConflictPolicy.FAIL
        )
        await client.execute_update_with_start_workflow(Empty.accepted, start_workflow_operation=begun)

    with _worker():
        await start()
        yield start


@contextmanager
def _worker() -> Iterator[None]:
    with subprocess.Popen([sys.executable, "-m", "bench.empty"]) as process:
        try:
            yield
        finally:
            process.terminate()


async def _serve() -> None:
    client = await connect(Settings(), lazy=False)
    runner = UnsandboxedWorkflowRunner()
    async with Worker(client, task_queue=QUEUE, workflows=[Empty], workflow_runner=runner):
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_serve())
