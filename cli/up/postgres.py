"""A PostgreSQL server of one's own, from the programs of a wheel or of the system.

Reached over TCP on 127.0.0.1 by password only; a half-made database is never taken for a whole one, and
after a kill -9 the next start recovers by itself. Started by root it runs as another user: `unprivileged`.
"""

import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg

from cli.up import files, launch, ports, process, programs, unprivileged
from schema.errors import Unavailable

NAME = "posegen"
OLDEST_WITH_BUILTIN_LOCALE = 17
START_TIMEOUT_S = 60  # recovery after a kill -9 included
STOP_TIMEOUT_S = 15
# Nothing that a lost machine would leave behind is worth anything in tests.
CARELESS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


@dataclass(frozen=True)
class Cluster:
    """A database that is made and can be served."""

    home: Path
    program: Path
    user: unprivileged.Account | None
    password: str

    @property
    def user_name(self) -> str | None:
        return self.user.pw_name if self.user else None

    def url(self, port: int, database: str = NAME) -> str:
        return f"postgresql://{NAME}:{self.password}@{ports.HOST}:{port}/{database}"

    def argv(self, port: int, *, fsync: bool = True) -> list[str]:
        options = [
            f"port={port}",
            f"listen_addresses={ports.HOST}",
            "unix_socket_directories=",
            "max_connections=200",
            "shared_buffers=64MB",
            "timezone=UTC",
            "log_timezone=UTC",
            *(() if fsync else CARELESS),
        ]
        return [
            str(self.program / "bin/postgres"),
            *("-D", str(self.home / "data")),
            *(word for option in options for word in ("-c", option)),
        ]


def prepare(home: Path, *, programs_at: Path | None = None) -> Cluster:
    """The database in `home`, made at first use (half a second)."""
    user = unprivileged.account(home)
    home = unprivileged.make_home(home, user)
    version = home / "data/PG_VERSION"
    tree = programs.postgres(programs_at, int(version.read_text()) if version.exists() else None)
    cluster = Cluster(
        home, unprivileged.readable_copy(tree, home, user), user, files.secret(home / "password")
    )
    unprivileged.own(home / "password", user)
    if not version.exists():
        _initialise(cluster, programs.postgres_version(tree))
    _forget_reused_pid(home / "data")
    return cluster


def _initialise(cluster: Cluster, version: int) -> None:
    new = cluster.home / "data.new"
    shutil.rmtree(new, ignore_errors=True)
    builtin = ("--locale-provider=builtin", "--builtin-locale=C.UTF-8")
    _run(
        cluster,
        *("bin/initdb", "-D", str(new), "-U", NAME, "--pwfile", str(cluster.home / "password")),
        *("--auth=scram-sha-256", "--encoding=UTF8", "--locale=C"),
        *(builtin if version >= OLDEST_WITH_BUILTIN_LOCALE else ()),
    )
    _run(cluster, "bin/postgres", "--single", "-D", str(new), "postgres", stdin=f"CREATE DATABASE {NAME}\n")
    new.rename(cluster.home / "data")


def _run(cluster: Cluster, program: str, *arguments: str, stdin: str = "") -> None:
    done = subprocess.run(  # noqa: S603 - a program found by ourselves
        [cluster.program / program, *arguments],
        input=stdin,
        cwd=cluster.home,
        user=cluster.user.pw_uid if cluster.user else None,
        group=cluster.user.pw_gid if cluster.user else None,
        extra_groups=[] if cluster.user else None,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Unavailable(f"PostgreSQL's {program} failed: {done.stderr.strip()}")


def _forget_reused_pid(data: Path) -> None:
    """In a restarted container the lock file's pid is another program's, and PostgreSQL would not start."""
    lock = data / "postmaster.pid"
    if lock.exists() and process.program(int(lock.read_text().split()[0])) not in ("", "postgres"):
        lock.unlink()


def accepts(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


@dataclass(frozen=True)
class Postgres:
    """A running server; ends with the process (and thread) that started it."""

    cluster: Cluster
    port: int
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        return self.cluster.url(self.port)

    def stop(self) -> None:
        self.process.send_signal(signal.SIGINT)  # open connections are closed, nothing waits for clients
        try:
            self.process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def start(
    home: Path, port: int = 0, *, fsync: bool = True, log: Path, programs_at: Path | None = None
) -> Postgres:
    """A server on the database in `home`, ready for connections; `port` 0 takes any free one."""
    cluster = prepare(home, programs_at=programs_at)
    port = port or ports.choose(0, "")
    with log.open("ab") as output:
        server = Postgres(cluster, port, _spawn(cluster, cluster.argv(port, fsync=fsync), output.fileno()))
    deadline = time.monotonic() + START_TIMEOUT_S
    while not accepts(server.url):
        if server.process.poll() is not None or time.monotonic() > deadline:
            server.stop()
            raise Unavailable(f"PostgreSQL did not start. {log} ends with:\n{files.tail(log)}")
        time.sleep(0.02)
    return server


def _spawn(cluster: Cluster, argv: Sequence[str], output: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - a program found by ourselves
        launch.command(argv, user=cluster.user_name, death_signal=signal.SIGINT),
        cwd=cluster.home,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        start_new_session=True,
    )
