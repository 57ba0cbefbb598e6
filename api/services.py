"""What the routes stand on: opened once for the process, closed in reverse.

Temporal is reached lazily: without it the service starts, reads and says so.
"""

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass

from adapters.exporter import Exporter
from adapters.gallery import Gallery
from adapters.intake import Intake
from adapters.public import PublicClient
from adapters.storage import Storage
from adapters.storage.factory import open_storage
from api.auth import Tickets, Tokens
from api.background_changes import BackgroundChanges
from api.backgrounds import Backgrounds
from api.health import HealthChecks
from api.item_files import ItemFiles
from api.likeness import Likeness
from api.observed import Observed
from api.ordering import Ordering
from api.pictures import LibraryPictures
from api.posing import Posing
from api.progress.hub import Hub
from api.progress.reader import ProgressReader
from api.related import RelatedPoses
from api.slots import Slots
from api.users import Acquaintances
from api.zips import Zips
from schema.database import Database
from schema.queries.wakeups import Listener
from schema.settings import Settings
from telemetry import metrics
from workflows.client import connect
from workflows.gateway import GenerationGateway
from workflows.webhook_gateway import WebhookGateway

EXPORT_THREADS = 2
"""Files made again take no more than this of a process that has to answer everybody."""


@dataclass(frozen=True)
class Services:
    settings: Settings
    database: Database
    storage: Storage
    gateway: GenerationGateway
    webhooks: WebhookGateway
    tokens: Tokens
    tickets: Tickets
    users: Acquaintances
    ordering: Ordering
    reader: ProgressReader
    hub: Hub
    pictures: LibraryPictures
    related: RelatedPoses
    posing: Posing
    public: PublicClient
    intake: Intake
    background_changes: BackgroundChanges
    likeness: Likeness
    item_files: ItemFiles
    zips: Zips
    health: HealthChecks


@asynccontextmanager
async def open_services(settings: Settings, gateway: GenerationGateway | None) -> AsyncIterator[Services]:
    database = Database(settings.database_url.get_secret_value(), settings.database_pool_size)
    storage = open_storage(settings)
    client = await connect(settings)
    gateway = gateway or GenerationGateway(client)
    gallery = Gallery(storage, width=settings.flux_width, height=settings.flux_height)
    public = PublicClient(allow_loopback=settings.allow_loopback)
    intake = Intake(database, storage, public)
    backgrounds = Backgrounds(database, intake, public)
    reader = ProgressReader(gateway, database)
    hub = Hub(
        reader,
        Slots("event streams", total=settings.streams_per_process, per_user=settings.streams_per_user),
    )
    export_threads = ThreadPoolExecutor(EXPORT_THREADS, "exports")
    exporter = Exporter(database, storage, export_threads)
    wakeups = Listener(settings.database_url.get_secret_value())
    tasks = [asyncio.create_task(hub.listen(wakeups)), asyncio.create_task(hub.end_streams())]
    tasks += Observed(database, gateway).begin()
    database.show_use("api")
    metrics.SSE_STREAMS.set_function(lambda: hub.seats.in_use)
    try:
        yield Services(
            settings=settings,
            database=database,
            storage=storage,
            gateway=gateway,
            webhooks=WebhookGateway(client),
            tokens=Tokens(settings),
            tickets=Tickets(settings),
            users=Acquaintances(database, settings.signup_credits),
            ordering=Ordering(database, gateway, backgrounds),
            reader=reader,
            hub=hub,
            pictures=LibraryPictures(database, gallery),
            posing=Posing(database, gallery),
            public=public,
            intake=intake,
            background_changes=BackgroundChanges(database, gateway, backgrounds),
            likeness=Likeness(database, intake),
            related=RelatedPoses(),
            item_files=ItemFiles(database, storage, exporter),
            zips=Zips(settings, database, storage, exporter),
            health=HealthChecks(database, storage, gateway),
        )
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        await hub.close()
        await public.close()
        export_threads.shutdown(wait=False, cancel_futures=True)
        await storage.close()
        await database.close()
