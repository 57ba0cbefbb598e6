"""A user's list costs the same however the business grows: an index leads to its rows among everybody's."""

from collections.abc import AsyncIterator, Iterator

import pytest

from schema.database import Database
from tests.lists import year
from tests.lists.plans import read_whole, sent_by
from tests.lists.questions import Ask, of_generation, of_user
from tests.servers.postgres import SEEDED, Databases, connect

GENERATIONS = 2_000
USUAL = "user_0020"
"""For who has a tenth of all there is, reading everybody's newest may be quickest."""
SHIPPED = "pose_library"
"""Mostly ours, a few hundred rows: likewise."""


@pytest.fixture(scope="module")
def year_url(postgres_server: Databases) -> Iterator[str]:
    with postgres_server.fresh(template=SEEDED) as url:
        year.fill(url, GENERATIONS)
        yield url


@pytest.fixture
async def a_year(year_url: str) -> AsyncIterator[Database]:
    database = Database(year_url)
    yield database
    await database.close()


@pytest.fixture(scope="module")
def generation(year_url: str) -> str:
    with connect(year_url) as connection:
        return year.largest(connection, USUAL)


async def without_index(database: Database, ask: Ask) -> list[str]:
    async with database.snapshot() as session:
        statements = await sent_by(session, ask)
        assert statements
        plans = [plan["Plan"] for each in statements for [plan] in await each.plan("FORMAT JSON")]
    return [read for plan in plans for read in read_whole(plan) if SHIPPED not in read]


@pytest.mark.parametrize("name", of_user(USUAL))
async def test_an_index_leads_to_each_row_of_a_users_lists(a_year: Database, name: str) -> None:
    assert await without_index(a_year, of_user(USUAL)[name]) == []


@pytest.mark.parametrize("name", of_generation(USUAL, ""))
async def test_an_index_leads_to_each_row_of_a_generations_lists(
    a_year: Database, generation: str, name: str
) -> None:
    assert await without_index(a_year, of_generation(USUAL, generation)[name]) == []
