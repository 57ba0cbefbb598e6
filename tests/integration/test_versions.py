"""Workers of two versions, as processes: the new one takes over from the old in the middle of an order."""

import signal
from collections import Counter
from functools import partial

from temporalio.api.workflowservice.v1 import DescribeWorkerDeploymentRequest
from temporalio.client import WorkflowHandle
from temporalio.common import SearchAttributeKey
from temporalio.service import RPCError

from schema.kinds import BackgroundMode
from schema.messages.orders import Background
from schema.settings import Settings
from tests.eventually import eventually
from tests.integration.shop import Shop
from tests.orders import change_order
from tests.servers.workers import working
from workflows import runner, versions
from workflows.background_change import BackgroundChangeWorkflow
from workflows.generation import GenerationWorkflow
from workflows.reconcile import ReconcileWorkflow
from workflows.webhook import WebhookWorkflow

OLD, NEW = "build-old", "build-new"
ITEMS, DONE = 16, 4
SOON_S = 30
"""For twelve pictures that two workers hand over; a machine that does nothing else takes less than two."""
HELD = {"kind": "error_503", "stage": "status", "count": None}


def of_build(settings: Settings, build: str) -> Settings:
    """Patient with the provider, which holds calls for as long as another worker needs to start."""
    own = {"worker_versioning": True, "worker_build_id": build, "flux_call_timeout_s": 120}
    return settings.model_copy(update=own)


async def current(shop: Shop) -> str:
    asked = DescribeWorkerDeploymentRequest(
        namespace=shop.temporal.namespace, deployment_name=versions.DEPLOYMENT
    )
    try:
        answer = await shop.temporal.workflow_service.describe_worker_deployment(asked)
    except RPCError:  # no worker of any version so far
        return ""
    return answer.worker_deployment_info.routing_config.current_deployment_version.build_id


async def becomes_current(shop: Shop, build: str) -> None:
    await eventually(partial(current, shop), lambda seen: seen == build, within_s=90)


async def builds(handle: WorkflowHandle[object, object]) -> list[str]:
    """Of the workers that decided for it, in turn."""
    history = await handle.fetch_history()
    decided = (event.workflow_task_completed_event_attributes for event in history.events)
    return [each.deployment_version.build_id for each in decided if each.deployment_version.build_id]


async def kinds_of_running(shop: Shop) -> dict[str, str]:
    """How each run behaves, as Temporal has it."""
    key = SearchAttributeKey.for_keyword("TemporalWorkflowVersioningBehavior")

    async def look() -> dict[str, str]:
        running = shop.temporal.list_workflows('ExecutionStatus = "Running"')
        return {run.workflow_type: run.typed_search_attributes.get(key) or "" async for run in running}

    return await eventually(look, lambda seen: bool(seen) and all(seen.values()))


async def test_an_order_moves_on_to_the_new_version_and_the_old_worker_may_go(shop: Shop) -> None:
    """Nothing is lost, nothing is paid twice, and nobody waits for long."""
    order = await shop.order(ITEMS)
    handle = shop.temporal.get_workflow_handle(order.generation_id)
    async with working(of_build(shop.settings, OLD), "--make-current") as old:
        await becomes_current(shop, OLD)
        await shop.faults(HELD | {"match": {"after": DONE}})
        await shop.start(order)
        await eventually(
            partial(shop.progress, order.generation_id), lambda seen: seen.completed == DONE, within_s=60
        )
        assert await kinds_of_running(shop) == {"GenerationWorkflow": "AutoUpgrade"}
        async with working(of_build(shop.settings, NEW), "--make-current"):
            await becomes_current(shop, NEW)
            old.send_signal(signal.SIGTERM)
            await shop.sim.delete("/_sim/faults")
            assert await old.wait() == 0
            end = await shop.settled(order.generation_id, within_s=SOON_S)
    assert end.completed == ITEMS
    paid = Counter(entry["seed"] for entry in await shop.submissions())
    assert paid.total() == len(paid) == ITEMS
    decided = await builds(handle)
    assert (decided[0], decided[-1], set(decided)) == (OLD, NEW, {OLD, NEW})
    assert decided == sorted(decided, reverse=True), "it never went back"
    await shop.books_agree()


async def test_a_pinned_run_whose_workers_are_gone_can_be_taken_over(shop: Shop) -> None:
    order = await shop.order(1)
    beach = Background(mode=BackgroundMode.AI_GENERATE, prompt="a beach at dawn")
    wanted = change_order(order).model_copy(update={"background": beach})
    handle = shop.temporal.get_workflow_handle(wanted.change_id)
    async with working(of_build(shop.settings, OLD), "--make-current") as old:
        await becomes_current(shop, OLD)
        await shop.start(order)
        assert (await shop.settled(order.generation_id)).completed == 1
        await shop.faults(HELD)
        await shop.gateway.change_background(wanted, priority_key=3)
        assert await kinds_of_running(shop) == {"BackgroundChangeWorkflow": "Pinned"}
        old.kill()
        await old.wait()
    await shop.sim.delete("/_sim/faults")
    async with working(of_build(shop.settings, NEW), "--take-over"):
        await becomes_current(shop, NEW)
        assert (await handle.result())["status"] == "completed"
    decided = await builds(handle)
    assert set(decided) == {OLD, NEW}
    await shop.books_agree()


async def test_without_versions_a_worker_takes_part_in_none(shop: Shop) -> None:
    order = await shop.order(1)
    async with working(shop.settings):
        await shop.start(order)
        assert (await shop.settled(order.generation_id)).completed == 1
    assert await current(shop) == ""
    assert await builds(shop.temporal.get_workflow_handle(order.generation_id)) == []
    async with working(shop.settings, "--make-current") as refused:
        assert await refused.wait() == 2


def test_every_workflow_says_whether_it_stays() -> None:
    kinds = (GenerationWorkflow, WebhookWorkflow, BackgroundChangeWorkflow, ReconcileWorkflow)
    assert {kind.__name__ for kind in kinds} == set(runner.BEHAVIOURS)


def test_the_build_is_named_by_its_code() -> None:
    settings = Settings(_env_file=None)
    assert versions.build_id(settings) == versions.build_id(settings)
    assert versions.build_id(settings).startswith("0.1.0-")
    assert versions.build_id(of_build(settings, OLD)) == OLD
