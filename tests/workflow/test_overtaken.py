"""A query that overtakes a workflow task, in front of a real server and a real worker.

It comes while no worker has the run; one piece of news comes while it waits, another while it is answered.
"""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, TypeAlias

import pytest
from temporalio import activity, workflow
from temporalio.api.command.v1 import Command
from temporalio.api.enums.v1 import CommandType, PendingActivityState
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import (
    PollActivityTaskQueueRequest,
    PollWorkflowTaskQueueRequest,
    RespondWorkflowTaskCompletedRequest,
)
from temporalio.client import Client, WorkflowHandle, WorkflowHistory
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner, Worker
from temporalio.workflow import NondeterminismError

from tests.eventually import eventually
from workflows.overtaken import WHY
from workflows.runner import Runner

Handle: TypeAlias = WorkflowHandle[Any, None]
ENOUGH = timedelta(minutes=1)
STARTED = PendingActivityState.PENDING_ACTIVITY_STATE_STARTED
TASK_SCHEDULED = 9
"""The event that follows the first news; the start of its task has not come when the query overtakes it."""
ASKED, MORE_NEWS = threading.Event(), threading.Event()


@workflow.defn
class Errands:
    """Two at once, which both come out of one task in another order than one after the other."""

    @workflow.run
    async def run(self) -> None:
        await asyncio.gather(self._errand("a"), self._errand("b"))

    @workflow.query
    def progress(self) -> int:
        ASKED.set()
        MORE_NEWS.wait(1.5)
        return workflow.info().get_current_history_length()

    async def _errand(self, name: str) -> None:
        await self._wait(name)
        await asyncio.gather(self._wait(f"{name} first"), self._later(f"{name} second"))

    async def _later(self, name: str) -> None:
        await asyncio.sleep(0)
        await self._wait(name)

    async def _wait(self, name: str) -> None:
        await workflow.execute_activity(wait, activity_id=name, start_to_close_timeout=ENOUGH)


@activity.defn
async def wait() -> None:
    activity.raise_complete_async()


@asynccontextmanager
async def at_work(run: Handle, client: Client, runner: UnsandboxedWorkflowRunner) -> AsyncIterator[None]:
    """With one place for the query, so that the task waits behind it; the other is for runs that it has."""
    async with Worker(
        client,
        task_queue=run.id,
        workflows=[Errands],
        activities=[wait],
        workflow_runner=runner,
        max_concurrent_workflow_tasks=2,
    ):
        yield


async def overtaken(client: Client, runner: UnsandboxedWorkflowRunner) -> WorkflowHistory:
    """Of a run that had both its errands done; its task may be faster than the query, a few times."""
    for number in range(10):
        run = await begun(client, f"errands-{number}")
        if await _asked_between(run, client, runner) == TASK_SCHEDULED:
            break
    return await run.fetch_history()


async def begun(client: Client, name: str) -> Handle:
    """By hand, so that no worker has ever held it."""
    run = await client.start_workflow(Errands.run, id=name, task_queue=name)
    queue = TaskQueue(name=name)
    task = await client.workflow_service.poll_workflow_task_queue(
        PollWorkflowTaskQueueRequest(namespace=client.namespace, task_queue=queue)
    )
    await client.workflow_service.respond_workflow_task_completed(
        RespondWorkflowTaskCompletedRequest(
            task_token=task.task_token, commands=[_to_wait("a", queue), _to_wait("b", queue)]
        )
    )
    for _ in "ab":
        await client.workflow_service.poll_activity_task_queue(
            PollActivityTaskQueueRequest(namespace=client.namespace, task_queue=queue)
        )
    return run


def _to_wait(name: str, queue: TaskQueue) -> Command:
    command = Command(command_type=CommandType.COMMAND_TYPE_SCHEDULE_ACTIVITY_TASK)
    attributes = command.schedule_activity_task_command_attributes
    attributes.activity_id = name
    attributes.activity_type.name = "wait"
    attributes.task_queue.CopyFrom(queue)
    attributes.start_to_close_timeout.FromTimedelta(ENOUGH)
    return command


async def _asked_between(run: Handle, client: Client, runner: UnsandboxedWorkflowRunner) -> int:
    ASKED.clear()
    MORE_NEWS.clear()
    asked = asyncio.create_task(run.query(Errands.progress))
    await asyncio.sleep(0.5)  # it waits for a worker
    await _done(run, client, "a")
    async with at_work(run, client, runner):
        await asyncio.to_thread(ASKED.wait, ENOUGH.total_seconds())
        await _done(run, client, "b")
        MORE_NEWS.set()
        await _waiting(run, {"a first", "a second", "b first", "b second"})
        return await asked


async def _done(run: Handle, client: Client, name: str) -> None:
    await client.get_async_activity_handle(workflow_id=run.id, run_id=None, activity_id=name).complete()


async def _waiting(run: Handle, names: set[str]) -> None:
    """They, no others, and the worker has them: one that is stopped as its tasks come may take minutes."""

    async def there() -> set[str]:
        pending = (await run.describe()).raw_description.pending_activities
        return {one.activity_id for one in pending if one.state == STARTED}

    await eventually(there, lambda seen: seen == names)


async def replay(history: WorkflowHistory) -> None:
    await Replayer(workflows=[Errands], workflow_runner=UnsandboxedWorkflowRunner()).replay_workflow(history)


async def test_the_sdk_alone_writes_a_history_that_it_cannot_replay(client: Client) -> None:
    """Once this one replays, workflows/overtaken.py can go."""
    history = await overtaken(client, UnsandboxedWorkflowRunner())
    with pytest.raises(NondeterminismError):
        await replay(history)


async def test_a_run_that_was_told_too_early_is_built_again(client: Client) -> None:
    history = await overtaken(client, Runner())
    await replay(history)
    failed = [event.workflow_task_failed_event_attributes.failure.message for event in history.events]
    assert [message for message in failed if message] == [WHY]


async def test_a_query_alone_makes_nothing_anew(client: Client) -> None:
    MORE_NEWS.set()
    run = await begun(client, "errands")
    async with at_work(run, client, Runner()):
        for news, known in (("a", {"a", "b"}), ("b", {"b", "a first", "a second"})):
            await _waiting(run, known)
            assert await run.query(Errands.progress)
            await _done(run, client, news)
        await _waiting(run, {"a first", "a second", "b first", "b second"})
    history = await run.fetch_history()
    await replay(history)
    assert not any(event.HasField("workflow_task_failed_event_attributes") for event in history.events)
