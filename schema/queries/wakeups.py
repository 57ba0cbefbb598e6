"""Wake-ups between processes: "look again at this generation". Only hints: one may get lost."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from typing import NamedTuple

import psycopg
from psycopg.conninfo import make_conninfo
from sqlalchemy import text

from schema import connecting
from schema.database import CONNECT_TIMEOUT_S, KEEPALIVES, Database
from schema.errors import Unavailable

CHANNEL = "posegen_progress"
FIRST_DELAY_S = 0.1
LONGEST_DELAY_S = 5.0

log = logging.getLogger(__name__)


class Wakeup(NamedTuple):
    generation_id: str
    user_id: str


async def notify(database: Database, generation_id: str, user_id: str) -> None:
    """Outside the ledger's transaction: NOTIFY takes a lock of the whole server at commit."""
    try:
        async with database.autocommit() as connection:
            await connection.execute(
                text("SELECT pg_notify(:channel, :payload)"),
                {"channel": CHANNEL, "payload": f"{generation_id} {user_id}"},
            )
    except Unavailable:
        log.warning("lost a wake-up of %s", generation_id)


class Listener:
    """`async for wakeup in Listener(url)`: one connection, made again whenever it breaks.

    None means: listening (again) from now on, and whatever came before may be missed, so look at everything.
    """

    def __init__(self, url: str) -> None:
        self._conninfo = make_conninfo(url, connect_timeout=CONNECT_TIMEOUT_S, **KEEPALIVES)

    async def __aiter__(self) -> AsyncGenerator[Wakeup | None]:
        delay_s = FIRST_DELAY_S
        while True:
            try:
                async with await connecting.connect(self._conninfo, autocommit=True) as connection:
                    await connection.execute(f"LISTEN {CHANNEL}")
                    delay_s = FIRST_DELAY_S
                    yield None
                    async for notice in connection.notifies():
                        yield Wakeup(*notice.payload.split(" ", 1))
            except psycopg.OperationalError as error:
                log.warning("not listening for wake-ups: %s", error)
            await asyncio.sleep(delay_s)
            delay_s = min(delay_s * 2, LONGEST_DELAY_S)
