"""A user's list costs the same however the business grows: an index finds its rows among everybody's."""

from collections.abc import AsyncIterator, Iterator

import pytest

from schema.database import Database
from tests.lists import year
from tests.lists.plans import sent_by
from tests.lists.questions import OF_USER, Ask, of_generation
from tests.servers.postgres import SEEDED, Databases, connect

GENERATIONS = 2_000
SCAN = "Seq Scan on "
SHIPPED = "pose_library"
"""Mostly ours, a few hundred rows: reading all of them may be the quickest way."""


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
def largest(year_url: str) -> str:
    with connect(year_url) as connection:
        return year.largest(connection)


async def scans(database: Database, ask: Ask) -> list[str]:
    async with database.snapshot() as session:
        statements = await sent_by(session, ask)
        assert statements
        plans = [line for statement in statements for line in await statement.plan("COSTS OFF")]
    return [line.partition(SCAN)[2] for line in plans if SCAN in line and SHIPPED not in line]


@pytest.mark.parametrize("name", OF_USER)
async def test_no_list_of_a_user_reads_a_whole_table(a_year: Database, name: str) -> None:
    assert await scans(a_year, OF_USER[name]) == []


@pytest.mark.parametrize("name", of_generation(""))
async def test_no_list_of_a_generation_reads_a_whole_table(a_year: Database, largest: str, name: str) -> None:
    assert await scans(a_year, of_generation(largest)[name]) == []
