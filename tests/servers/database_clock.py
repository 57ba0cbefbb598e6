"""A database's own clock, set by a test: for everyone who connects to it from now on."""

from datetime import timedelta

from tests.servers.postgres import connect

# Found before the server's own function, because the path names its schema later.
SET_UP = """
    CREATE SCHEMA test_clock;
    CREATE TABLE test_clock.clock (at TIMESTAMPTZ NOT NULL);
    INSERT INTO test_clock.clock VALUES ('2026-11-25 12:00:00Z');
    CREATE FUNCTION test_clock.clock_timestamp() RETURNS TIMESTAMPTZ LANGUAGE sql VOLATILE
        AS 'SELECT at FROM test_clock.clock';
    DO $$ BEGIN
        EXECUTE format(
            'ALTER DATABASE %I SET search_path TO test_clock, pg_catalog, public', current_database());
    END $$
"""


class DatabaseClock:
    """Only for what asks `clock_timestamp()`; it stands still until it is moved."""

    def __init__(self, url: str) -> None:
        self._url = url
        with connect(url) as connection:
            connection.execute(SET_UP)

    def move(self, by: timedelta) -> None:
        with connect(self._url) as connection:
            connection.execute("UPDATE test_clock.clock SET at = at + %s", [by])
