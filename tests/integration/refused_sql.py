"""Two users with credits, and what tells which constraint refused a statement."""

from collections.abc import Awaitable

import pytest
from sqlalchemy.exc import DBAPIError

from schema.database import Database
from tests.orders import open_shop


async def refused(attempt: Awaitable[object], constraint: str) -> None:
    with pytest.raises(DBAPIError) as caught:
        await attempt
    assert caught.value.orig is not None
    assert caught.value.orig.diag.constraint_name == constraint  # type: ignore[attr-defined] # psycopg's


@pytest.fixture
async def shop(database: Database) -> Database:
    await open_shop(database, "ani", "budi", credits_each=100)
    return database
