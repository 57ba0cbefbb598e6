"""Every picture waits for its delivery: the usual one is a single statement, only odd ones take more."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from schema.database import Database
from tests.orders import charge, deliver, generation, open_shop, order


@pytest.fixture
async def shop(database: Database) -> Database:
    await open_shop(database, "ani", credits_each=300)
    return database


@contextmanager
def sent(database: Database) -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_: Any, __: Any, statement: str, *more: Any) -> None:
        statements.append(statement)

    engine = database._engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)


async def test_a_first_delivery_is_one_statement(shop: Database) -> None:
    bought = order(2)
    await charge(shop, bought)
    with sent(shop) as statements:
        assert await deliver(shop, bought, 0)
    assert len(statements) == 1
    assert (await generation(shop, bought)).poses_completed == 1


async def test_a_repeated_one_asks_what_was_decided(shop: Database) -> None:
    bought = order(2)
    await charge(shop, bought)
    await deliver(shop, bought, 0)
    with sent(shop) as statements:
        assert await deliver(shop, bought, 0)
    assert len(statements) > 1
    assert (await generation(shop, bought)).poses_completed == 1
