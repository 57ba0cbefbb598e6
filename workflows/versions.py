"""Worker versions, where WORKER_VERSIONING is on: old runs end on the code they began with, or move on.

A run's type says which (`workflows.runner`): long ones move on when the current version changes, and need
patches; short ones are pinned and end where they began. See docs/changing-workflows.md.
"""

import asyncio
import hashlib
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Final

from google.protobuf.field_mask_pb2 import FieldMask
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflow.v1 import VersioningOverride, WorkflowExecutionOptions
from temporalio.api.workflowservice.v1 import (
    SetWorkerDeploymentCurrentVersionRequest,
    UpdateWorkflowExecutionOptionsRequest,
)
from temporalio.client import Client
from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.service import RPCError, RPCStatusCode
from temporalio.worker import WorkerDeploymentConfig

from schema.settings import Settings

DEPLOYMENT: Final = "posegen"
CODE: Final = ("schema", "imaging", "adapters", "activities", "workflows")
"""What a run may notice a change of."""
PAUSE_S: Final = 0.5
NOT_YET: Final = (RPCStatusCode.NOT_FOUND, RPCStatusCode.FAILED_PRECONDITION, RPCStatusCode.UNAVAILABLE)
"""Nobody of this version has asked for work yet, or not on every queue that the current one serves."""

log = logging.getLogger(__name__)


def config(settings: Settings) -> WorkerDeploymentConfig | None:
    if not settings.worker_versioning:
        return None
    return WorkerDeploymentConfig(
        WorkerDeploymentVersion(DEPLOYMENT, build_id(settings)),
        use_worker_versioning=True,
        # The SDK demands one of every workflow here; each says its own in workflows.runner.
        default_versioning_behavior=VersioningBehavior.AUTO_UPGRADE,
    )


def build_id(settings: Settings) -> str:
    return settings.worker_build_id or _of_the_code()


@cache
def _of_the_code() -> str:
    """The same for the same files, wherever they are."""
    root, seen = Path(__file__).resolve().parents[1], hashlib.sha256()
    for file in sorted(file for folder in CODE for file in (root / folder).rglob("*.py")):
        seen.update(str(file.relative_to(root)).encode() + b"\0" + file.read_bytes() + b"\0")
    return f"{version('posegen')}-{seen.hexdigest()[:12]}"


@asynccontextmanager
async def becoming_current(
    client: Client, settings: Settings, *, take_over: bool = False
) -> AsyncIterator[None]:
    """While this is open: new runs and those that move on come here as soon as every queue is served.

    With `take_over` those pinned to other versions come too, whose workers are gone for good.
    """
    becoming = asyncio.create_task(_become(client, build_id(settings), take_over=take_over))
    try:
        yield
    finally:
        becoming.cancel()
        with suppress(asyncio.CancelledError):
            await becoming


async def _become(client: Client, build: str, *, take_over: bool) -> None:
    await make_current(client, build)
    log.info("%s is the current version", build)
    if take_over:
        moved = [run async for run in _pinned_elsewhere(client, build)]
        for run in moved:
            await _move_on(client, run)
        log.info("%s runs of other versions were taken over", len(moved))


async def make_current(client: Client, build: str) -> None:
    """Waits for the rest of the fleet: a version that leaves a queue unserved does not become current."""
    told = ""
    while True:
        try:
            await client.workflow_service.set_worker_deployment_current_version(
                SetWorkerDeploymentCurrentVersionRequest(
                    namespace=client.namespace, deployment_name=DEPLOYMENT, build_id=build
                )
            )
        except RPCError as error:
            if error.status not in NOT_YET:
                log.exception("%s cannot become the current version", build)
                return
            if error.message != told:
                told = error.message
                log.info("%s is not current yet: %s", build, told)
            await asyncio.sleep(PAUSE_S)
        else:
            return


async def _pinned_elsewhere(client: Client, build: str) -> AsyncIterator[WorkflowExecution]:
    pinned = 'ExecutionStatus = "Running" AND TemporalWorkflowVersioningBehavior = "Pinned"'
    mine = f'TemporalWorkerDeploymentVersion = "{DEPLOYMENT}:{build}"'
    async for found in client.list_workflows(f"{pinned} AND NOT {mine}"):
        yield WorkflowExecution(workflow_id=found.id, run_id=found.run_id)


async def _move_on(client: Client, run: WorkflowExecution) -> None:
    moving = WorkflowExecutionOptions(versioning_override=VersioningOverride(auto_upgrade=True))
    with suppress(RPCError):  # it has ended meanwhile
        await client.workflow_service.update_workflow_execution_options(
            UpdateWorkflowExecutionOptionsRequest(
                namespace=client.namespace,
                workflow_execution=run,
                workflow_execution_options=moving,
                update_mask=FieldMask(paths=["versioning_override"]),
            )
        )
