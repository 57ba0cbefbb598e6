"""The embedded PostgreSQL: a real one, killed and started again, by root or by others."""

import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from cli.up import cluster, postgres, process, programs, unprivileged
from schema.errors import Unavailable
from tests.eventually import until

AS_ROOT = os.geteuid() == 0


@pytest.fixture
def folder() -> Iterator[Path]:
    """One that every user can enter, as pytest's own are not."""
    path = Path(tempfile.mkdtemp(prefix="posegen-test-", dir="/tmp"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


def _kill(server: postgres.Postgres) -> None:
    server.process.kill()
    server.process.wait()


def _query(url: str, sql: str) -> object:
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(sql.encode()).fetchone()
    return row and row[0]


def _execute(url: str, *statements: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def test_rows_survive_a_kill_and_the_next_start_uses_the_same_password(folder: Path) -> None:
    first = postgres.start(folder / "postgres", log=folder / "log")
    _execute(first.url, "CREATE TABLE kept (n int)", "INSERT INTO kept VALUES (7)")
    _kill(first)
    with postgres.start(folder / "postgres", log=folder / "log") as second:
        assert _query(second.url, "SELECT n FROM kept") == 7
        assert second.cluster.password == first.cluster.password


def test_only_the_password_opens_it_and_no_root_runs_it(folder: Path) -> None:
    with postgres.start(folder / "postgres", log=folder / "log") as server:
        stranger = server.url.replace(server.cluster.password, "guess")
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(stranger)
        assert not postgres.accepts(stranger)
        status = Path(f"/proc/{server.process.pid}/status").read_text()
        uid = next(line.split()[1] for line in status.splitlines() if line.startswith("Uid:"))
        assert uid != "0"
        assert stat.S_IMODE((folder / "postgres/password").stat().st_mode) == 0o600
        assert _query(server.url, "SHOW fsync") == "on"


def test_tests_get_a_careless_server_with_fast_copies_of_a_template(folder: Path) -> None:
    with postgres.start(folder / "postgres", fsync=False, log=folder / "log") as server:
        assert _query(server.url, "SHOW fsync") == "off"
        _execute(server.url, "CREATE EXTENSION pg_trgm", "CREATE TABLE library (name text)")
        administration = server.cluster.url(server.port, "postgres")
        _execute(administration, "CREATE DATABASE one TEMPLATE posegen STRATEGY file_copy")
        assert _query(server.cluster.url(server.port, "one"), "SELECT count(*) FROM library") == 0


def test_stopped_with_open_connections_it_still_stops_at_once(folder: Path) -> None:
    with postgres.start(folder / "postgres", log=folder / "log") as server:
        connection = psycopg.connect(server.url)
        connection.execute("SELECT 1")
    assert server.process.returncode == 0
    with pytest.raises(psycopg.OperationalError):
        connection.execute("SELECT 1")
    connection.close()


def test_a_database_half_made_is_made_again(folder: Path) -> None:
    made = cluster.prepare(folder / "postgres")
    (made.home / "data").rename(made.home / "data.new")
    (made.home / "data.new/PG_VERSION").unlink()
    with postgres.start(folder / "postgres", log=folder / "log") as server:
        assert _query(server.url, "SELECT 1") == 1
    assert not (made.home / "data.new").exists()


def test_below_a_closed_folder_data_and_programs_live_where_the_servers_user_can_reach_them(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unprivileged, "SHARED", folder / "shared")
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    package = programs.postgres(None, None).parent
    for part in (package, package.with_name(f"{package.name}.libs")):
        shutil.copytree(part, closed / part.name, symlinks=True)
    home = closed / "data/postgres"
    for _ in range(2):
        with postgres.start(
            home, log=folder / "log", programs_at=closed / package.name / "pginstall"
        ) as server:
            _execute(server.url, "CREATE TABLE IF NOT EXISTS kept (n int)", "INSERT INTO kept VALUES (1)")
            kept = _query(server.url, "SELECT count(*) FROM kept")
    assert kept == 2
    assert home.is_symlink() == AS_ROOT
    assert (home / "program").exists() == AS_ROOT


def test_a_private_data_folder_lets_only_the_servers_user_pass(folder: Path) -> None:
    data = folder / "data"
    data.mkdir(mode=0o700)
    with postgres.start(data / "postgres", log=folder / "log") as server:
        assert _query(server.url, "SELECT 1") == 1
    assert not (data / "postgres").is_symlink()
    assert stat.S_IMODE(data.stat().st_mode) == (0o710 if AS_ROOT else 0o700)


def test_a_folder_that_a_group_shares_is_left_as_it_is(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unprivileged, "SHARED", folder / "shared")
    data = folder / "data"
    data.mkdir()
    data.chmod(0o750)
    cluster.prepare(data / "postgres")
    assert stat.S_IMODE(data.stat().st_mode) == 0o750
    assert (data / "postgres").is_symlink() == AS_ROOT


def test_a_link_to_a_database_that_is_gone_never_becomes_an_empty_one(folder: Path) -> None:
    (folder / "postgres").symlink_to(folder / "gone")
    with pytest.raises(Unavailable, match="which is gone"):
        cluster.prepare(folder / "postgres")
    assert not (folder / "gone").exists()


def test_a_lock_file_with_another_programs_pid_is_forgotten(folder: Path) -> None:
    lock = cluster.prepare(folder / "postgres").home / "data/postmaster.pid"
    lock.write_text(f"{os.getpid()}\n")
    cluster.prepare(folder / "postgres")
    assert not lock.exists()


def test_a_running_servers_lock_file_is_kept(folder: Path) -> None:
    with (
        postgres.start(folder / "postgres", log=folder / "log"),
        pytest.raises(Unavailable, match="Is another postmaster"),
    ):
        postgres.start(folder / "postgres", log=folder / "second-log")


def test_a_database_of_another_version_is_refused_with_the_version_it_needs(folder: Path) -> None:
    (cluster.prepare(folder / "postgres").home / "data/PG_VERSION").write_text("12\n")
    with pytest.raises(Unavailable, match="PostgreSQL 12, which made this database, was not found"):
        cluster.prepare(folder / "postgres")


def test_a_start_that_fails_shows_the_servers_own_words(folder: Path) -> None:
    home = cluster.prepare(folder / "postgres").home
    (home / "data/postgresql.conf").write_text("no_such_setting = 1\n")
    with pytest.raises(Unavailable, match="no_such_setting"):
        postgres.start(folder / "postgres", log=folder / "log")


def _server_of_a_killed_program(folder: Path) -> process.Process:
    program = (
        "import time; from pathlib import Path; from cli.up import postgres\n"
        f"server = postgres.start(Path('{folder}/postgres'), log=Path('{folder}/log'))\n"
        "print(server.process.pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout is not None
        server = process.mark("postgres", int(starter.stdout.readline()))
        starter.kill()
    return server


async def test_it_dies_with_the_program_that_started_it(folder: Path) -> None:
    server = _server_of_a_killed_program(folder)
    assert server.started
    await until(lambda: not process.is_alive(server))
    assert "database system is shut down" in (folder / "log").read_text()
