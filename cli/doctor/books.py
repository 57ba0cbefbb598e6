"""The database: is it there, of this version, on time, and with poses in it?"""

import asyncio
import time

from sqlalchemy import text
from sqlalchemy.exc import ArgumentError

from cli.doctor.examination import Broken, Doubtful
from schema import migrate
from schema.database import Database, driver_url
from schema.errors import Unavailable
from schema.queries import seeding
from schema.settings import Settings

SKEW_NOTICED_S = 2.0
SKEW_BORNE_S = 30.0
"""Beyond it tokens are refused that were made by this clock."""


class Books:
    def __init__(self, settings: Settings) -> None:
        self._url = settings.database_url.get_secret_value()
        self._database: Database | None = None

    async def answers(self) -> str:
        start = "Start PostgreSQL or correct DATABASE_URL; `posegen up` runs all that is needed by itself."
        try:
            self._database = Database(self._url, pool_size=2)
            version = await self._ask("SHOW server_version")
        except ArgumentError as error:
            raise Broken(
                "DATABASE_URL is no URL.", "Write it like postgresql://user:password@host/db"
            ) from error
        except Unavailable as error:
            raise Broken(f"{self._where} cannot be used: {_reason(error)}.", start) from error
        return f"PostgreSQL {version} at {self._where}"

    async def is_migrated(self) -> str:
        here, newest, known = await asyncio.to_thread(migrate.standing, self._url)
        if here == newest:
            return f"at {newest}, the newest"
        if here is None:
            raise Broken("the database is empty.", "posegen migrate && posegen seed")
        if not known:
            raise Broken(f"at {here}, which is newer than this posegen.", "Install the version that made it.")
        raise Broken(f"at {here}, but this posegen needs {newest}.", "posegen migrate")

    async def is_on_time(self) -> str:
        """Only what the way there and back cannot explain counts."""
        sent_s = time.time()
        theirs_s = float(await self._ask("SELECT extract(epoch FROM clock_timestamp())"))
        half_way_s = (time.time() - sent_s) / 2
        ahead_s = theirs_s - sent_s - half_way_s
        found = f"the database's clock is {ahead_s:+.1f} s from this one's"
        if (off_s := abs(ahead_s) - half_way_s) > SKEW_NOTICED_S:
            kind = Broken if off_s > SKEW_BORNE_S else Doubtful
            raise kind(f"{found}.", "Let NTP set the clock of every machine.")
        return found

    async def has_poses(self) -> str:
        async with self.database.transaction() as session:
            count = await seeding.count(session)
        if not count:
            raise Broken("the pose library is empty.", "posegen seed")
        return f"{count} poses"

    async def close(self) -> None:
        if self._database:
            await self._database.close()

    @property
    def database(self) -> Database:
        """For checks that need it to be there."""
        assert self._database
        return self._database

    @property
    def _where(self) -> str:
        url = driver_url(self._url)
        return f"{url.host}:{url.port or 5432}/{url.database}"

    async def _ask(self, query: str) -> str:
        async with self.database.autocommit() as connection:
            return str((await connection.execute(text(query))).scalar_one())


def _reason(error: Unavailable) -> str:
    """The driver's own words, which name no password; the rest of its lines are advice."""
    driver = getattr(error.__cause__, "orig", None) or error.__cause__
    return str(driver).strip().splitlines()[0].rstrip(".")
