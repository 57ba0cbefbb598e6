"""Every picture waits for its delivery: the usual one is a single statement, only odd ones take more."""

import pytest

from schema.database import Database
from tests.orders import charge, deliver, generation, open_shop, order
from tests.statements import sent


@pytest.fixture
async def shop(database: Database) -> Database:
    await open_shop(database, "ani", credits_each=300)
    return database


async def test_a_first_delivery_is_one_statement(shop: Database) -> None:
    bought = order(2)
    await charge(shop, bought)
    with sent(shop._engine.sync_engine) as statements:
        assert await deliver(shop, bought, 0)
    assert len(statements) == 1
    assert (await generation(shop, bought)).poses_completed == 1


async def test_a_repeated_one_asks_what_was_decided(shop: Database) -> None:
    bought = order(2)
    await charge(shop, bought)
    await deliver(shop, bought, 0)
    with sent(shop._engine.sync_engine) as statements:
        assert await deliver(shop, bought, 0)
    assert len(statements) > 1
    assert (await generation(shop, bought)).poses_completed == 1
