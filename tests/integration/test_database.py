"""The pool: trouble that may pass is `Unavailable`, and it heals by itself; wake-ups get through."""

import asyncio
import contextlib
import gc
import os
import socket
from collections.abc import AsyncIterator, Iterator
from itertools import count

import psutil
import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import IntegrityError, InternalError

from schema import database as database_module
from schema.database import Database
from schema.errors import Unavailable
from schema.queries import wakeups
from schema.queries.wakeups import Listener, Wakeup
from tests.eventually import until
from tests.orders import open_shop, sql
from tests.servers.postgres import Databases

BREAK_OTHERS = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE pid <> pg_backend_pid() AND datname = current_database()
"""

PATIENCE = {"TCP_KEEPIDLE": 15, "TCP_KEEPINTVL": 5, "TCP_KEEPCNT": 3, "TCP_USER_TIMEOUT": 30_000}


@pytest.fixture
async def small(database_url: str) -> AsyncIterator[Database]:
    small = Database(database_url, pool_size=1)
    yield small
    await small.close()


async def test_a_database_that_is_away_is_unavailable(postgres_server: Databases) -> None:
    with postgres_server.fresh() as url:
        away = Database(url)
    with pytest.raises(Unavailable) as caught:
        await away.check()
    assert caught.value.retry_after_s
    await away.close()


async def test_it_comes_back_without_anyone_noticing(database: Database, small: Database) -> None:
    await small.check()
    await sql(database, BREAK_OTHERS)
    await small.check()
    assert await sql(small, "SELECT 1") == [(1,)]


async def test_where_connections_are_not_tried_before_one_use_fails_for_all(
    database: Database, database_url: str
) -> None:
    untried = Database(database_url, pool_size=3, tried_before_use=False)
    await asyncio.gather(*(sql(untried, "SELECT pg_sleep(0.1)") for _ in range(3)))
    await sql(database, BREAK_OTHERS)
    with pytest.raises(Unavailable):
        await untried.check()
    assert await asyncio.gather(*(sql(untried, "SELECT 1") for _ in range(3))) == [[(1,)]] * 3
    await untried.close()


async def test_a_connection_that_breaks_in_the_middle_is_unavailable(
    database: Database, small: Database
) -> None:
    async def broken() -> None:
        async with small.transaction() as session:
            connection = await session.connection()
            await sql(database, BREAK_OTHERS)
            await connection.execute(text("SELECT 1"))

    with pytest.raises(Unavailable):
        await broken()
    await small.check()


async def test_an_exhausted_pool_is_unavailable(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_module, "POOL_TIMEOUT_S", 0.05)
    small = Database(database_url, pool_size=1)
    async with small.transaction() as session:
        await session.connection()
        with pytest.raises(Unavailable):
            await small.check()
    await small.check()
    await small.close()


async def test_a_lock_is_not_waited_for_for_ever(database: Database) -> None:
    await open_shop(database, "ani")
    async with database.transaction() as session:
        await (await session.connection()).execute(text("LOCK TABLE users"))
        with pytest.raises(Unavailable):
            await sql(database, "SET LOCAL lock_timeout = '20ms'; UPDATE users SET is_premium = true")


async def test_a_statement_that_takes_too_long_is_unavailable(database: Database) -> None:
    with pytest.raises(Unavailable):
        await sql(database, "SET LOCAL statement_timeout = '20ms'; SELECT pg_sleep(60)")


async def test_mistakes_are_not_called_unavailable(database: Database) -> None:
    await sql(database, "INSERT INTO pose_categories (id, name, position) VALUES ('a', 'A', 0)")
    with pytest.raises(IntegrityError):
        await sql(database, "INSERT INTO pose_categories (id, name, position) VALUES ('a', 'A', 0)")


async def test_a_snapshot_shows_one_moment_and_writes_nothing(database: Database, small: Database) -> None:
    count = text("SELECT count(*) FROM pose_categories")
    async with small.snapshot() as session:
        assert await session.scalar(count) == 0
        await sql(database, "INSERT INTO pose_categories (id, name, position) VALUES ('a', 'A', 0)")
        assert await session.scalar(count) == 0
        with pytest.raises(InternalError, match="read-only"):
            await (await session.connection()).execute(text("DELETE FROM pose_categories"))
    assert await sql(small, "DELETE FROM pose_categories RETURNING id") == [("a",)], "an ordinary one again"


async def test_a_cancelled_transaction_gives_its_connection_back(small: Database) -> None:
    async def hold(entered: asyncio.Event) -> None:
        async with small.transaction() as session:
            await session.connection()
            entered.set()
            await asyncio.Event().wait()

    entered = asyncio.Event()
    task = asyncio.create_task(hold(entered))
    await entered.wait()
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    await asyncio.wait_for(small.check(), 5)


async def test_who_leaves_while_a_connection_is_made_leaves_none_half_open(database_url: str) -> None:
    """Each would count as one of the server's for the minute that signing in may take."""
    before = opened(database_url)
    with uncollected():
        for wait_ms in count():
            database = Database(database_url)
            cut_short = asyncio.create_task(database.check())
            await asyncio.sleep(wait_ms / 1000)
            cut_short.cancel()
            await asyncio.wait([cut_short])
            await database.close()
            if not cut_short.cancelled():  # it was there before we left
                break
        assert opened(database_url) == before
    assert wait_ms > 1


def opened(url: str) -> int:
    """How many connections this process has to the server."""
    connections = psutil.Process().net_connections("tcp")
    return sum(bool(each.raddr) and each.raddr.port == make_url(url).port for each in connections)


@contextlib.contextmanager
def uncollected() -> Iterator[None]:
    """While no garbage is collected, which would hide what is left behind."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


async def test_every_connection_has_its_limits(database: Database) -> None:
    limits = {
        "statement_timeout": "30s",
        "lock_timeout": "10s",
        "idle_in_transaction_session_timeout": "1min",
        "TimeZone": "UTC",
    }
    for name, value in limits.items():
        assert await sql(database, f"SHOW {name}") == [(value,)]


async def test_a_network_that_dies_silently_is_noticed_in_half_a_minute(database: Database) -> None:
    async with database.autocommit() as connection:
        driver = (await connection.get_raw_connection()).driver_connection
        assert driver
        with socket.socket(fileno=os.dup(driver.fileno())) as wire:
            assert wire.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
            asked = {name: wire.getsockopt(socket.IPPROTO_TCP, getattr(socket, name)) for name in PATIENCE}
    assert asked == PATIENCE
    assert PATIENCE["TCP_KEEPIDLE"] + PATIENCE["TCP_KEEPINTVL"] * PATIENCE["TCP_KEEPCNT"] <= 30


async def test_a_wakeup_reaches_who_listens(database: Database, database_url: str) -> None:
    async with contextlib.aclosing(aiter(Listener(database_url))) as heard:
        assert await anext(heard) is None
        await wakeups.notify(database, "gen_1", "a user")
        await wakeups.notify(database, "gen_2", "budi")
        assert await anext(heard) == Wakeup("gen_1", "a user")
        assert await anext(heard) == Wakeup("gen_2", "budi")


async def test_a_listener_that_was_cut_off_says_that_it_may_have_missed_something(
    database: Database, database_url: str
) -> None:
    async with contextlib.aclosing(aiter(Listener(database_url))) as heard:
        assert await anext(heard) is None
        await sql(database, BREAK_OTHERS)
        assert await anext(heard) is None
        await wakeups.notify(database, "gen_1", "ani")
        assert await anext(heard) == Wakeup("gen_1", "ani")


async def test_a_listener_waits_until_the_server_is_there(
    postgres_server: Databases, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(wakeups, "FIRST_DELAY_S", 0.01)
    with postgres_server.fresh(name="late") as url:
        pass
    async with contextlib.aclosing(aiter(Listener(url))) as heard:
        waiting = asyncio.ensure_future(anext(heard))
        await until(lambda: "does not exist" in caplog.text)
        with postgres_server.fresh(name="late"):
            assert await waiting is None


async def test_a_lost_wakeup_troubles_nobody(
    postgres_server: Databases, caplog: pytest.LogCaptureFixture
) -> None:
    with postgres_server.fresh() as url:
        away = Database(url)
    await wakeups.notify(away, "gen_1", "ani")
    assert "lost a wake-up of gen_1" in caplog.text
    await away.close()
