"""Brings a database to a version of the schema: all of the way, or not at all.

Two processes that migrate at once do it one after the other. A migration that cannot get its locks fails soon
instead of stopping the service behind it.
"""

from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, NullPool, create_engine, text
from sqlalchemy.exc import OperationalError

from schema.database import CONNECT_TIMEOUT_S, driver_url
from schema.errors import Unavailable

LATEST = "head"
EMPTY = "base"
ADVISORY_KEY = 0x706F7365  # any number, as long as nobody else locks it
TURN_TIMEOUT_S = 120
LOCK_TIMEOUT_S = 10


def upgrade(database_url: str, revision: str = LATEST) -> None:
    _migrate(database_url, lambda config: command.upgrade(config, revision))


def downgrade(database_url: str, revision: str) -> None:
    _migrate(database_url, lambda config: command.downgrade(config, revision))


def standing(database_url: str) -> tuple[str | None, str | None, bool]:
    """The revision of the database, the newest that this code has, and whether it knows the database's."""
    scripts = ScriptDirectory.from_config(config())
    with _engine(database_url).connect() as connection:
        here = MigrationContext.configure(connection).get_current_revision()
    return here, scripts.get_current_head(), here in {script.revision for script in scripts.walk_revisions()}


def config(connection: Connection | None = None) -> Config:
    alembic = Config()
    alembic.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    alembic.attributes["connection"] = connection
    return alembic


def _migrate(database_url: str, run: Callable[[Config], None]) -> None:
    try:
        with _engine(database_url).connect() as connection:
            _take_turn(connection)
            run(config(connection))
    except OperationalError as error:
        raise Unavailable("The database cannot be migrated now: it is away or busy. Try again.") from error


def _engine(database_url: str) -> Engine:
    return create_engine(
        driver_url(database_url), poolclass=NullPool, connect_args={"connect_timeout": CONNECT_TIMEOUT_S}
    )


def _take_turn(connection: Connection) -> None:
    """The turn ends with the connection."""
    connection.execute(text(f"SET lock_timeout = '{TURN_TIMEOUT_S}s'"))
    connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": ADVISORY_KEY})
    connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT_S}s'"))
    connection.commit()
