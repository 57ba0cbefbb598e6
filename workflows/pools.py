"""What serves each task queue: its activities, as many at once as it can bear, on one set of tools."""

import os
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from temporalio.client import Client
from temporalio.worker import Worker

from activities.background import BackgroundActivities
from activities.background_change import ChangeActivities, ChangeCreditActivities
from activities.composing import Composer
from activities.controlnet import ControlnetActivities
from activities.credits import CreditActivities
from activities.exports import ExportActivities
from activities.failures import FailureInterceptor
from activities.flux import FluxActivities
from activities.heartbeat import HeartbeatInterceptor
from activities.judging import ModelCheckActivities, ProviderCheckActivities
from activities.matting import MattingActivities
from activities.plan import PlanActivities
from activities.reconcile import ReconcileActivities
from activities.storage import StorageActivities
from activities.webhooks import AnnouncementActivities, WebhookActivities
from adapters.decoded import JustDecoded
from adapters.exporter import Exporter
from adapters.judging.factory import open_judge
from adapters.matting.factory import open_cutter
from adapters.providers.calls import PaidCalls
from adapters.webhooks.sender import WebhookSender
from adapters.webhooks.vault import Vault
from schema.models.webhook_events import Links
from schema.settings import Settings
from workflows import names, policies, standing, versions
from workflows.background_change import BackgroundChangeWorkflow
from workflows.generation import GenerationWorkflow
from workflows.reconcile import ReconcileWorkflow
from workflows.runner import Runner
from workflows.tools import RECEIVER_SLOTS, Tools
from workflows.webhook import WebhookWorkflow
from workflows.webhook_gateway import WebhookGateway

GRACE = timedelta(seconds=10)
"""What is running may finish; a provider call that takes longer is resumed by another worker."""
LEDGER_SLOTS = 50
WORKFLOWS = (GenerationWorkflow, BackgroundChangeWorkflow, WebhookWorkflow, ReconcileWorkflow)
HEARTBEAT_THROTTLE = timedelta(milliseconds=200)
"""A provider's handle must reach the server at once, even right after an ordinary beat."""


def _orchestration(client: Client, tools: Tools) -> Worker:
    credit = CreditActivities(tools.database, tools.settings.flux_provider)
    change = ChangeCreditActivities(tools.database, tools.treatment)
    plan = PlanActivities(tools.database, tools.maps, tools.provider.capabilities, tools.treatment)
    links = Links(tools.storage.url, tools.settings.api_url)
    start_message = WebhookGateway(client).start
    told = AnnouncementActivities(tools.database, links, start_message)
    ask = partial(standing.fate, client)
    books = ReconcileActivities(tools.database, tools.storage, ask, start_message)
    return _worker(
        client,
        tools.settings,
        names.ORCHESTRATION,
        [
            credit.charge,
            credit.refund_item,
            credit.note_status,
            credit.settle,
            plan.plan,
            told.announce,
            change.charge_change,
            change.refund_change,
            books.find_lost,
            books.take_up_message,
            books.sweep_objects,
            books.sweep_rows,
        ],
        slots=LEDGER_SLOTS,
        workflows=WORKFLOWS,
        workflow_runner=Runner(versioned=tools.settings.worker_versioning),
        sticky_queue_schedule_to_start_timeout=policies.STICKY,
    )


def _flux(client: Client, tools: Tools) -> Worker:
    settings = tools.settings
    limits = tools.limits
    flux = FluxActivities(PaidCalls(tools.provider, limits), tools.storage, **tools.size)
    matting = MattingActivities(PaidCalls(tools.matting, limits) if tools.matting else None, tools.storage)
    look = ProviderCheckActivities(
        PaidCalls(tools.check, limits) if tools.check else None,
        tools.storage,
        threshold=settings.picture_check_threshold,
    )
    return _worker(
        client,
        tools.settings,
        names.FLUX,
        [flux.generate_image, matting.matte_image, look.check_by_provider],
        slots=settings.flux_concurrency,
        max_task_queue_activities_per_second=settings.flux_max_per_second,
    )


def _images(client: Client, tools: Tools) -> Worker:
    settings, cutter = tools.settings, open_cutter(tools.settings)
    controlnet = ControlnetActivities(tools.database, tools.maps)
    scale = settings.controlnet_scale
    decoded = JustDecoded()
    stored = StorageActivities(tools.database, tools.storage, decoded, **tools.size, controlnet_scale=scale)
    backgrounds = BackgroundActivities(tools.database, tools.storage, cutter, **tools.size)
    exporter = Exporter(tools.database, tools.storage, decoded=decoded)
    exports = ExportActivities(exporter)
    composer = Composer(tools.database, tools.storage, cutter)
    changes = ChangeActivities(tools.database, tools.storage, exporter, composer)
    threshold = settings.picture_check_threshold
    look = ModelCheckActivities(open_judge(settings), tools.storage, threshold=threshold)
    return _worker(
        client,
        tools.settings,
        names.IMAGES,
        [
            controlnet.prepare_controlnet,
            backgrounds.store_backdrop,
            backgrounds.change_background,
            look.check_by_model,
            composer.compose_change,
            changes.apply_change,
            stored.store_item,
            exports.export_item,
        ],
        slots=os.cpu_count() or 2,
    )


def _webhooks(client: Client, tools: Tools) -> Worker:
    vault = Vault(tools.settings.jwt_secret.get_secret_value())
    webhooks = WebhookActivities(tools.receivers_database, WebhookSender(tools.receivers, vault), vault)
    return _worker(client, tools.settings, names.WEBHOOKS, [webhooks.send_webhook], slots=RECEIVER_SLOTS)


POOLS: dict[str, Callable[[Client, Tools], Worker]] = {
    names.ORCHESTRATION: _orchestration,
    names.FLUX: _flux,
    names.IMAGES: _images,
    names.WEBHOOKS: _webhooks,
}


def _worker(
    client: Client,
    settings: Settings,
    queue: str,
    activities: Sequence[Callable[..., Any]],
    *,
    slots: int,
    **options: Any,
) -> Worker:
    return Worker(
        client,
        task_queue=queue,
        activities=activities,
        max_concurrent_activities=slots,
        interceptors=[HeartbeatInterceptor(), FailureInterceptor()],
        max_heartbeat_throttle_interval=HEARTBEAT_THROTTLE,
        graceful_shutdown_timeout=GRACE,
        deployment_config=versions.config(settings),
        **options,
    )
