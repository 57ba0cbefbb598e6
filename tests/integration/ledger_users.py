"""Two users with credits, and the entries in their ledger."""

import pytest

from schema.database import Database
from tests.orders import open_shop, sql


@pytest.fixture
async def shop(database: Database) -> Database:
    await open_shop(database, "ani", "budi", credits_each=300)
    return database


async def entries(database: Database, user_id: str = "ani") -> list[tuple[object, ...]]:
    query = "SELECT type, amount_credits, idempotency_key FROM credits WHERE user_id = :user ORDER BY id"
    return await sql(database, query, user=user_id)
