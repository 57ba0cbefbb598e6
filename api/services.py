"""What the routes stand on: opened once for the process, closed in reverse.

Temporal is reached lazily: without it the service starts, reads and says so.
"""

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

from temporalio.client import Client

from adapters.exporter import Exporter
from adapters.gallery import Gallery
from adapters.intake import Intake
from adapters.public import PublicClient
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

UPLOADS, UPLOADS_PER_USER = 64, 16
"""On their way at once. Each takes its size of the temporary folder, and no memory to speak of."""


class Services:
    def __init__(self, settings: Settings, client: Client, gateway: GenerationGateway) -> None:
        self.settings = settings
        self.gateway = gateway
        self.webhooks = WebhookGateway(client)
        self.database = Database(settings.database_url.get_secret_value(), settings.database_pool_size)
        self.storage = open_storage(settings)
        self.public = PublicClient(allow_loopback=settings.allow_loopback)
        self._export_threads = ThreadPoolExecutor(EXPORT_THREADS, "exports")

        self.tokens = Tokens(settings)
        self.tickets = Tickets(settings)
        self.users = Acquaintances(self.database, settings.signup_credits)

        gallery = Gallery(self.storage, width=settings.flux_width, height=settings.flux_height)
        self.pictures = LibraryPictures(self.database, gallery)
        self.posing = Posing(self.database, gallery)
        self.related = RelatedPoses()

        self.intake = Intake(self.database, self.storage, self.public)
        self.upload_slots = Slots("uploads", total=UPLOADS, per_user=UPLOADS_PER_USER)
        self.likeness = Likeness(self.database, self.intake)
        backgrounds = Backgrounds(self.database, self.intake, self.public)
        self.ordering = Ordering(self.database, gateway, backgrounds)
        self.background_changes = BackgroundChanges(self.database, gateway, backgrounds)

        exporter = Exporter(self.database, self.storage, self._export_threads)
        self.item_files = ItemFiles(self.database, self.storage, exporter)
        self.zips = Zips(settings, self.database, self.storage, exporter)

        seats = Slots("event streams", total=settings.streams_per_process, per_user=settings.streams_per_user)
        self.reader = ProgressReader(gateway, self.database)
        self.hub = Hub(self.reader, seats)
        self.health = HealthChecks(self.database, self.storage, gateway)

    def begin(self) -> list[asyncio.Task[None]]:
        """What goes on beside the requests."""
        wakeups = Listener(self.database.url)
        self.database.show_use("api")
        metrics.SSE_STREAMS.set_function(lambda: self.hub.seats.in_use)
        return [
            asyncio.create_task(self.hub.listen(wakeups)),
            asyncio.create_task(self.hub.end_streams()),
            *Observed(self.database, self.gateway).begin(),
        ]

    async def close(self) -> None:
        await self.hub.close()
        await self.public.close()
        self._export_threads.shutdown(wait=False, cancel_futures=True)
        await self.storage.close()
        await self.database.close()


@asynccontextmanager
async def open_services(settings: Settings, gateway: GenerationGateway | None) -> AsyncIterator[Services]:
    client = await connect(settings)
    services = Services(settings, client, gateway or GenerationGateway(client))
    tasks = services.begin()
    try:
        yield services
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        await services.close()
