"""The database, for the few commands that look into it themselves; loading it takes others too long."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from schema.database import Database
from schema.settings import Settings

POOL_SIZE = 4


@asynccontextmanager
async def database(of: Settings) -> AsyncIterator[Database]:
    opened = Database(of.database_url.get_secret_value(), POOL_SIZE)
    try:
        yield opened
    finally:
        await opened.close()
