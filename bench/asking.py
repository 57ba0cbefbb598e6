"""Questions to a filled database, as a route asks them: how long each takes, and by which plan."""

import time
from collections.abc import Mapping
from statistics import median

import psycopg
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from bench.shop import Ratio, header, p95, row
from schema.database import Database
from tests.lists.plans import sent_by
from tests.lists.questions import Ask

ROUNDS = 30

NOTHING = "SELECT 1"


async def measure(url: str, questions: Mapping[str, Ask], *, plans: bool) -> None:
    database = Database(url)
    print(header("asked", "p50 ms", "p95 ms", f"x {NOTHING}"))
    ratio = Ratio()
    for name, ask in {NOTHING: _nothing, **questions}.items():
        await _timed(database, ask)
        times = [await _timed(database, ask) for _ in range(ROUNDS)]
        print(row(name, median(times), p95(times), ratio(median(times))), flush=True)
    if plans:
        for name, ask in questions.items():
            await _explain(database, name, ask)
    await database.close()


async def _nothing(session: AsyncSession) -> None:
    await session.execute(text("SELECT 1"))


def size(connection: psycopg.Connection, table: str) -> str:
    found = connection.execute(
        f"SELECT count(*), pg_size_pretty(pg_total_relation_size('{table}')) FROM {table}".encode()
    ).fetchone()
    assert found is not None
    return f"{found[0]:,} {table} ({found[1]})"


async def _timed(database: Database, ask: Ask) -> float:
    async with database.snapshot() as session:
        await session.connection()
        started = time.perf_counter()
        await ask(session)
        return 1000 * (time.perf_counter() - started)


async def _explain(database: Database, name: str, ask: Ask) -> None:
    print(f"\n## {name}")
    async with database.snapshot() as session:
        for statement in await sent_by(session, ask):
            plan = await statement.plan("ANALYZE, COSTS OFF, BUFFERS OFF")
            print(f"\n{statement.text[:300]}", *plan, sep="\n    ")
