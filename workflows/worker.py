"""The worker process: what it holds open is built once; one Temporal worker for each task queue it serves."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from temporalio.client import Client
from temporalio.worker import Worker

from activities.controlnet import ControlnetActivities
from activities.credits import CreditActivities
from activities.exports import ExportActivities
from activities.failures import FailureInterceptor
from activities.flux import FluxActivities
from activities.heartbeat import HeartbeatInterceptor
from activities.plan import PlanActivities
from activities.storage import StorageActivities
from adapters.exporter import Exporter
from adapters.providers import FluxProvider
from adapters.providers.calls import CallLimits, PictureCalls
from adapters.providers.factory import open_provider
from adapters.storage import Storage
from adapters.storage.factory import open_storage
from schema.database import Database
from schema.settings import Settings
from workflows import names, policies, sandbox
from workflows.client import connect
from workflows.generation import GenerationWorkflow

GRACE = timedelta(seconds=10)
"""What is running may finish; a provider call that takes longer is resumed by another worker."""
LEDGER_SLOTS = 50
HEARTBEAT_THROTTLE = timedelta(milliseconds=200)
"""A provider's handle must reach the server at once, even right after an ordinary beat."""


async def run(settings: Settings, queues: Sequence[str] = names.QUEUES) -> None:
    """Until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    for signum in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(signum, stop.set)
    client = await connect(settings, lazy=False)
    async with serving(settings, client, queues):
        await stop.wait()


@dataclass(frozen=True)
class Tools:
    settings: Settings
    database: Database
    storage: Storage
    provider: FluxProvider

    @property
    def size(self) -> dict[str, int]:
        return {"width": self.settings.flux_width, "height": self.settings.flux_height}


@asynccontextmanager
async def serving(
    settings: Settings, client: Client, queues: Sequence[str] = names.QUEUES
) -> AsyncIterator[None]:
    async with AsyncExitStack() as stack:
        tools = _open(settings, stack)
        for queue in queues:
            await stack.enter_async_context(WORKERS[queue](client, tools))
        yield


def _open(settings: Settings, stack: AsyncExitStack) -> Tools:
    database = Database(settings.database_url.get_secret_value(), settings.database_pool_size)
    stack.push_async_callback(database.close)
    storage = open_storage(settings)
    stack.push_async_callback(storage.close)
    provider = open_provider(settings)
    stack.push_async_callback(provider.close)
    return Tools(settings, database, storage, provider)


def _orchestration(client: Client, tools: Tools) -> Worker:
    credit = CreditActivities(tools.database, tools.settings.flux_provider)
    plan = PlanActivities(tools.database, tools.provider.capabilities)
    return _worker(
        client,
        names.ORCHESTRATION,
        [credit.charge, credit.refund_item, credit.note_status, credit.settle, plan.plan],
        slots=LEDGER_SLOTS,
        workflows=[GenerationWorkflow],
        workflow_runner=sandbox.runner(),
        sticky_queue_schedule_to_start_timeout=policies.STICKY,
    )


def _flux(client: Client, tools: Tools) -> Worker:
    settings = tools.settings
    limits = CallLimits(
        settings.flux_call_timeout_s, settings.flux_item_deadline_s, settings.flux_max_failures
    )
    flux = FluxActivities(PictureCalls(tools.provider, limits), tools.storage, **tools.size)
    return _worker(
        client,
        names.FLUX,
        [flux.generate_image],
        slots=settings.flux_concurrency,
        max_task_queue_activities_per_second=settings.flux_max_per_second,
    )


def _images(client: Client, tools: Tools) -> Worker:
    scale = tools.settings.controlnet_scale
    controlnet = ControlnetActivities(tools.database, tools.storage, **tools.size)
    stored = StorageActivities(tools.database, tools.storage, **tools.size, controlnet_scale=scale)
    exports = ExportActivities(Exporter(tools.database, tools.storage))
    return _worker(
        client,
        names.IMAGES,
        [controlnet.prepare_controlnet, stored.store_item, exports.export_item],
        slots=os.cpu_count() or 2,
    )


WORKERS: dict[str, Callable[[Client, Tools], Worker]] = {
    names.ORCHESTRATION: _orchestration,
    names.FLUX: _flux,
    names.IMAGES: _images,
}


def _worker(
    client: Client, queue: str, activities: Sequence[Callable[..., Any]], *, slots: int, **options: Any
) -> Worker:
    return Worker(
        client,
        task_queue=queue,
        activities=activities,
        max_concurrent_activities=slots,
        interceptors=[HeartbeatInterceptor(), FailureInterceptor()],
        max_heartbeat_throttle_interval=HEARTBEAT_THROTTLE,
        graceful_shutdown_timeout=GRACE,
        **options,
    )
