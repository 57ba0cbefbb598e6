"""The one way to PostgreSQL: short transactions on a bounded pool.

Nothing waits for ever: connecting, waiting for a free connection, a statement, a lock and an idle transaction
each have a limit. Whatever may pass by itself (server away, pool exhausted, limit reached) is `Unavailable`.
"""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import cast

from sqlalchemy import URL, QueuePool, exc, make_url, text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlmodel.ext.asyncio.session import AsyncSession

from schema import connecting
from schema.errors import Unavailable
from telemetry import metrics

CONNECT_TIMEOUT_S = 5
POOL_TIMEOUT_S = 10
SESSION_OPTIONS = {
    "timezone": "UTC",
    "statement_timeout": "30s",
    "lock_timeout": "10s",
    "idle_in_transaction_session_timeout": "60s",
}
# A silent death of the network is noticed within half a minute, whether we wait for an answer or for work.
KEEPALIVES = {
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
SNAPSHOT = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
RETRY_AFTER_S = 2.0
KEPT = "after commit"


def driver_url(url: str) -> URL:
    """Operators write `postgresql://`; SQLAlchemy must be told which driver that is."""
    return make_url(url).set(drivername="postgresql+psycopg")


class Database:
    def __init__(self, url: str, pool_size: int = 20, *, tried_before_use: bool = True) -> None:
        """Whoever is tried again anyway need not ask each time whether its connection still lives: when the
        server has been away, one use fails, and the pool is made anew.
        """
        self.url = url
        options = " ".join(f"-c {name}={value}" for name, value in SESSION_OPTIONS.items())
        self._engine = create_async_engine(
            driver_url(url),
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=POOL_TIMEOUT_S,
            pool_pre_ping=tried_before_use,
            hide_parameters=True,  # what users have written is in no failure's text
            connect_args={
                "connect_timeout": CONNECT_TIMEOUT_S,
                "options": options,
                "application_name": "posegen",
                "async_creator_fn": connecting.connect,  # SQLAlchemy's `async_creator` is told no options
                **KEEPALIVES,
            },
        )

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """One transaction: committed at the end of the block, rolled back by any exception out of it."""
        with _unavailable():
            async with AsyncSession(self._engine, expire_on_commit=False) as session:
                async with session.begin():
                    yield session
                for act in session.info.pop(KEPT, ()):
                    act()

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[AsyncSession]:
        """To read from only: all that is asked, however late, is answered as of the first question."""
        async with self.transaction() as session:
            await session.connection(execution_options=SNAPSHOT)
            yield session

    @asynccontextmanager
    async def autocommit(self) -> AsyncIterator[AsyncConnection]:
        """For the few statements that must stand outside any transaction."""
        with _unavailable():
            async with self._engine.connect() as connection:
                yield await connection.execution_options(isolation_level="AUTOCOMMIT")

    async def check(self) -> None:
        async with self.autocommit() as connection:
            await connection.execute(text("SELECT 1"))

    def show_use(self, pool: str) -> None:
        """In this process's metrics, asked for whenever they are."""
        used = cast("QueuePool", self._engine.pool)
        metrics.POOL.labels(pool, "in_use").set_function(used.checkedout)
        metrics.POOL.labels(pool, "limit").set_function(used.size)

    async def close(self) -> None:
        await self._engine.dispose()


def after_commit(session: AsyncSession, act: Callable[[], None]) -> None:
    """Done once the transaction is, and not at all if it fails: for counting what has happened."""
    session.info.setdefault(KEPT, []).append(act)


@contextmanager
def _unavailable() -> Iterator[None]:
    try:
        yield
    except (exc.OperationalError, exc.InterfaceError, exc.TimeoutError) as error:
        raise _error() from error
    except exc.DBAPIError as error:
        if not error.connection_invalidated:
            raise
        raise _error() from error


def _error() -> Unavailable:
    return Unavailable("The database cannot be reached. Try again shortly.", retry_after_s=RETRY_AFTER_S)
