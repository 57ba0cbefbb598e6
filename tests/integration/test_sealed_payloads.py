"""With PAYLOAD_KEYS nothing readable reaches Temporal, keys change under running orders, and none is lost.

What Temporal has is looked at raw, as it came over the wire.
"""

import asyncio
from base64 import b64encode
from dataclasses import replace

import pytest
from pydantic import SecretStr
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import EventType
from temporalio.api.workflowservice.v1 import (
    DescribeWorkflowExecutionRequest,
    GetWorkflowExecutionHistoryRequest,
)
from temporalio.service import RPCError

from adapters.keyring import Unreadable
from cli.doctor.command import look_over
from cli.doctor.examination import State
from schema.errors import Unavailable
from schema.kinds import GenerationStatus
from schema.settings import Settings
from tests.eventually import eventually
from tests.integration.shop import Shop
from tests.servers.workers import worker_process
from workflows import names, rounds, worker
from workflows.client import connect
from workflows.gateway import GenerationGateway

OLD, NEW = (f"{name}:{b64encode(letter * 32).decode()}" for name, letter in (("old", b"o"), ("new", b"n")))
CANARY = "canary in a teal batik shirt"
DESK = (names.ORCHESTRATION,)


async def with_keys(shop: Shop, keys: str) -> Shop:
    """The same shop, as a process with these keys sees it."""
    settings = shop.settings.model_copy(update={"payload_keys": SecretStr(keys) if keys else None})
    client = await connect(settings, lazy=False)
    return replace(shop, settings=settings, temporal=client, gateway=GenerationGateway(client))


async def kept(shop: Shop, workflow_id: str) -> bytes:
    """All that Temporal knows of a run, as it knows it."""
    service, execution = shop.temporal.workflow_service, WorkflowExecution(workflow_id=workflow_id)
    namespace = shop.temporal.namespace
    history = GetWorkflowExecutionHistoryRequest(namespace=namespace, execution=execution)
    described = DescribeWorkflowExecutionRequest(namespace=namespace, execution=execution)
    return (await service.get_workflow_execution_history(history)).SerializeToString() + (
        await service.describe_workflow_execution(described)
    ).SerializeToString()


async def refused_tasks(shop: Shop, workflow_id: str) -> int:
    """How often a worker could not decide because it could not read."""
    try:
        history = await shop.temporal.get_workflow_handle(workflow_id).fetch_history()
    except RPCError:  # not begun yet
        return 0
    return sum(event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED for event in history.events)


@pytest.mark.parametrize("keys", ["", OLD], ids=["plain", "sealed"])
async def test_an_order_leaves_nothing_readable_where_keys_are_set(keys: str, shop: Shop) -> None:
    """Prompts, summaries, results and the messages of failures; without keys all of it is to be seen."""
    here = await with_keys(shop, keys)
    await shop.faults({"kind": "error_422", "stage": "submit", "count": 1})
    async with worker.serving(here.settings, here.temporal):
        order = await here.order(3, prompt=CANARY)
        await here.start(order)
        end = await here.settled(order.generation_id)
        assert (end.status, end.completed) == (GenerationStatus.PARTIAL, 2)
        assert (await here.gateway.progress(order.generation_id)).completed == 2
    raw = await kept(here, order.generation_id)
    readable = {
        word for word in (CANARY, "item 1/3", "3 items", "staging/", "refused") if word.encode() in raw
    }
    assert readable == (set() if keys else {CANARY, "item 1/3", "3 items", "staging/", "refused"})
    assert (b"Encoded failure" in raw) == bool(keys)
    assert b"PROVIDER_REJECTED" in raw, "codes are no secret: operators filter by them"
    await here.books_agree()


async def test_runs_go_on_while_keys_change(shop: Shop) -> None:
    """First every process learns the new key, then it seals; the run of the old key ends under both."""
    before, after = await with_keys(shop, OLD), await with_keys(shop, f"{NEW},{OLD}")
    async with worker.serving(before.settings, before.temporal, DESK):
        await rounds.schedule(before.temporal)
        order = await before.order(2, prompt=CANARY)
        await before.start(order)
    await rounds.require_readable(after.temporal)
    async with worker.serving(after.settings, after.temporal):
        await rounds.schedule(after.temporal)
        assert (await after.settled(order.generation_id)).completed == 2
    raw = await kept(after, order.generation_id)
    assert raw.count(b"encryption-key-id") > 10
    assert {b"old" in raw, b"new" in raw} == {True}
    await rounds.require_readable((await with_keys(shop, NEW)).temporal)
    with pytest.raises(Unreadable, match="'new'"):
        await rounds.require_readable(before.temporal)


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ("", "Sealed with the key 'old', and PAYLOAD_KEYS is not set here."),
        (NEW, "Sealed with the key 'old', which PAYLOAD_KEYS does not name here."),
        ("old:" + NEW.partition(":")[2], "The key 'old' of PAYLOAD_KEYS is not the one it was sealed with."),
    ],
    ids=["missing", "another", "wrong"],
)
async def test_a_worker_without_the_key_says_so_and_takes_no_work(keys: str, said: str, shop: Shop) -> None:
    here, there = await with_keys(shop, OLD), await with_keys(shop, keys)
    async with worker.serving(here.settings, here.temporal, DESK):
        await rounds.schedule(here.temporal)
        order = await here.order(2)
        await here.start(order)
        with pytest.raises(Unavailable, match="did not answer" if keys else "cannot be read here"):
            await there.gateway.progress(order.generation_id)
    found = {each.check: each for each in await look_over(there.settings)}["payloads"]
    assert (found.state, found.found) == (State.BROKEN, said)
    code, complaint = await _worker(there.settings)
    assert (code, complaint) == (1, f"posegen: {said}\n")
    async with worker.serving(here.settings, here.temporal):
        assert (await here.settled(order.generation_id)).completed == 2


async def test_what_an_unreadable_start_asked_for_waits_for_its_key(shop: Shop) -> None:
    """A client that seals with a key no worker has yet: nothing is charged, and nothing is lost."""
    early, late = await with_keys(shop, NEW), await with_keys(shop, OLD)
    order = await early.order(1)
    async with worker.serving(late.settings, late.temporal, DESK):
        starting = asyncio.create_task(early.start(order))
        await eventually(lambda: refused_tasks(early, order.generation_id), bool)
        assert not starting.done()
    knowing = await with_keys(shop, f"{NEW},{OLD}")
    async with worker.serving(knowing.settings, knowing.temporal):
        await starting
        assert (await knowing.settled(order.generation_id)).completed == 1


async def _worker(settings: Settings) -> tuple[int | None, str]:
    """`posegen worker` as a process of its own: its end and what it said."""
    process = await worker_process(settings)
    _, complaint = await process.communicate()
    return process.returncode, complaint.decode()
