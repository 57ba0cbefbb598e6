"""The migrations make what the tables say, forwards and backwards."""

import threading

import psycopg
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import CheckConstraint, create_engine, inspect
from sqlmodel import SQLModel

import schema.tables  # noqa: F401 - registers all tables
from schema import migrate
from schema.database import driver_url
from schema.errors import Unavailable
from tests.servers import postgres
from tests.servers.postgres import Databases

OBJECTS = """
    SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relname !~ '^alembic'
    UNION SELECT proname FROM pg_proc p WHERE pronamespace = 'public'::regnamespace
        AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
"""


def differences(url: str) -> list[object]:
    engine = create_engine(driver_url(url))
    with engine.connect() as connection:
        options = {"compare_type": True, "compare_server_default": True}
        found = compare_metadata(MigrationContext.configure(connection, opts=options), SQLModel.metadata)
    engine.dispose()
    return list(found)


def objects(url: str) -> set[str]:
    with postgres.connect(url) as connection:
        return {name for (name,) in connection.execute(OBJECTS)}


def test_the_migrated_database_is_what_the_tables_say(database_url: str) -> None:
    assert differences(database_url) == []


def test_a_difference_would_be_found(database_url: str) -> None:
    with postgres.connect(database_url) as connection:
        connection.execute("ALTER TABLE avatars DROP COLUMN style")
    assert differences(database_url)


def test_every_check_of_the_tables_is_in_the_database(database_url: str) -> None:
    engine = create_engine(driver_url(database_url))
    database = inspect(engine)
    for table in SQLModel.metadata.sorted_tables:
        wanted = {str(check.name) for check in table.constraints if isinstance(check, CheckConstraint)}
        assert {check["name"] for check in database.get_check_constraints(table.name)} == wanted, table.name
    engine.dispose()


def test_up_down_and_up_again(postgres_server: Databases) -> None:
    with postgres_server.fresh(postgres.EMPTY) as url:
        migrate.upgrade(url)
        everything = objects(url)
        assert {"users", "credits", "refuse"} <= everything
        migrate.downgrade(url, migrate.EMPTY)
        assert objects(url) == set()
        migrate.upgrade(url)
        assert objects(url) == everything
        assert differences(url) == []


def test_a_second_upgrade_changes_nothing(database_url: str) -> None:
    with postgres.connect(database_url) as connection:
        connection.execute("INSERT INTO pose_categories (id, name, position) VALUES ('sport', 'Sport', 0)")
        migrate.upgrade(database_url)
        assert connection.execute("SELECT id FROM pose_categories").fetchall() == [("sport",)]


def test_many_that_migrate_at_once_take_turns(postgres_server: Databases) -> None:
    failures: list[Exception] = []

    def run(url: str) -> None:
        try:
            migrate.upgrade(url)
        except Exception as error:  # noqa: BLE001 - shown by the assertion below
            failures.append(error)

    with postgres_server.fresh(postgres.EMPTY) as url:
        threads = [threading.Thread(target=run, args=(url,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failures == []
        assert differences(url) == []


def test_a_failing_migration_leaves_nothing_behind(postgres_server: Databases) -> None:
    with postgres_server.fresh(postgres.EMPTY) as url:
        with postgres.connect(url) as connection:
            connection.execute("CREATE FUNCTION rate_pose() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN END'")
        before = objects(url)
        with pytest.raises(Exception, match="rate_pose"):
            migrate.upgrade(url)
        assert objects(url) == before


def test_a_table_in_use_is_not_waited_for_for_ever(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrate, "LOCK_TIMEOUT_S", 0.05)
    with psycopg.connect(database_url) as user:
        user.execute("LOCK TABLE users")
        with pytest.raises(Unavailable):
            migrate.downgrade(database_url, migrate.EMPTY)


def test_no_database_is_said_plainly(postgres_server: Databases) -> None:
    with postgres_server.fresh() as url:
        pass
    with pytest.raises(Unavailable):
        migrate.upgrade(url)


def test_the_sql_can_be_had_without_a_database(capsys: pytest.CaptureFixture[str]) -> None:
    command.upgrade(migrate.config(), migrate.LATEST, sql=True)
    assert "CREATE TABLE users" in capsys.readouterr().out
