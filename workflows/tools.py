"""What a worker process holds open: built once, shared by its activities, closed at the end."""

from contextlib import AsyncExitStack
from dataclasses import dataclass

from adapters.judging.factory import open_check
from adapters.maps import PoseMaps
from adapters.matting.factory import by_provider, open_matting
from adapters.providers import CheckProvider, FluxProvider, MatteProvider
from adapters.providers.calls import CallLimits
from adapters.providers.factory import open_provider
from adapters.public import PublicClient
from adapters.storage import Storage
from adapters.storage.factory import open_storage
from schema.database import Database
from schema.messages.orders import Treatment
from schema.settings import Settings

RECEIVER_SLOTS = 100
RECEIVER_CONNECTIONS = 4
"""To the database, of their own: messages that queue up there take no connection from a charge."""


@dataclass(frozen=True)
class Tools:
    settings: Settings
    database: Database
    storage: Storage
    provider: FluxProvider
    matting: MatteProvider | None
    check: CheckProvider | None
    receivers: PublicClient
    receivers_database: Database

    @property
    def size(self) -> dict[str, int]:
        return {"width": self.settings.flux_width, "height": self.settings.flux_height}

    @property
    def maps(self) -> PoseMaps:
        return PoseMaps(self.storage, **self.size)

    @property
    def treatment(self) -> Treatment:
        return Treatment(
            backdrop_first=True, matte=by_provider(self.settings), check=self.settings.picture_check
        )

    @property
    def limits(self) -> CallLimits:
        asked = self.settings
        return CallLimits(asked.flux_call_timeout_s, asked.flux_item_deadline_s, asked.flux_max_failures)


def open_tools(settings: Settings, stack: AsyncExitStack) -> Tools:
    database = _database(settings, stack, settings.database_pool_size)
    storage = open_storage(settings)
    stack.push_async_callback(storage.close)
    provider, matting, check = open_provider(settings), open_matting(settings), open_check(settings)
    for service in (provider, matting, check):
        if service:
            stack.push_async_callback(service.close)
    receivers = PublicClient(
        allow_loopback=settings.allow_loopback,
        calls_at_once=RECEIVER_SLOTS,
        lookups_at_once=RECEIVER_SLOTS // 4,
    )
    stack.push_async_callback(receivers.close)
    receivers_database = _database(settings, stack, RECEIVER_CONNECTIONS)
    database.show_use("worker")
    receivers_database.show_use("webhooks")
    return Tools(
        settings=settings,
        database=database,
        storage=storage,
        provider=provider,
        matting=matting,
        check=check,
        receivers=receivers,
        receivers_database=receivers_database,
    )


def _database(settings: Settings, stack: AsyncExitStack, pool_size: int) -> Database:
    database = Database(settings.database_url.get_secret_value(), pool_size, tried_before_use=False)
    stack.push_async_callback(database.close)
    return database
