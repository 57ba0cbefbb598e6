"""Generations whose workflows are terminated or lost, and the round that looks for them."""

from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest
from temporalio.client import Client

from schema.messages.orders import GenerationInput
from schema.reconciling import Fate, Reconcile, Reconciled
from tests.eventually import eventually
from tests.integration.shop import Shop
from tests.orders import deliver
from workflows import names, rounds, standing, worker

NOW = Reconcile(grace_s=0)
DESK = (names.ORCHESTRATION, names.WEBHOOKS)
"""Nobody makes pictures, so generations stay open for as long as a test needs them."""


@pytest.fixture
async def desk(shop: Shop) -> AsyncIterator[Shop]:
    async with worker.serving(shop.settings, shop.temporal, DESK):
        yield shop


async def begun(shop: Shop, delivered: int = 1, items: int = 3, **more: Any) -> GenerationInput:
    order = await shop.order(items, **more)
    await shop.start(order)
    for index in range(delivered):
        assert await deliver(shop.database, order, index)
    return order


async def terminate(client: Client, workflow_id: str) -> None:
    await client.get_workflow_handle(workflow_id).terminate("by hand")


async def lose(client: Client, workflow_id: str) -> None:
    """As if its history were gone."""
    execution = WorkflowExecution(workflow_id=workflow_id)
    request = DeleteWorkflowExecutionRequest(namespace=client.namespace, workflow_execution=execution)
    await client.workflow_service.delete_workflow_execution(request)
    await eventually(partial(standing.fate, client, workflow_id), lambda fate: fate is Fate.UNKNOWN)


async def broken(shop: Shop) -> set[str]:
    """The rules that do not hold, as an audit would name them now."""
    return {finding.rule for finding in await standing.findings(shop.database, shop.temporal, timedelta())}


async def round_now(shop: Shop) -> Reconciled:
    return await rounds.run_now(shop.temporal, NOW)
