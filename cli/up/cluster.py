"""A PostgreSQL database of one's own, made at first use by the programs of a wheel or of the system.

A half-made one is never taken for a whole one. Made by root it belongs to another user: see `unprivileged`.
"""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from cli.up import files, ports, process, programs, unprivileged
from schema.errors import Unavailable

NAME = "posegen"
OLDEST_WITH_BUILTIN_LOCALE = 17
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
