"""A running PostgreSQL server: reached over TCP on 127.0.0.1 by password only.

After a kill -9 the next start recovers by itself.
"""

import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg

from cli.up import files, launch, ports
from cli.up.cluster import Cluster, prepare
from schema.errors import Unavailable

START_TIMEOUT_S = 60  # recovery after a kill -9 included
STOP_TIMEOUT_S = 15


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


def _spawn(cluster: Cluster, argv: list[str], output: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - a program found by ourselves
        launch.command(argv, user=cluster.user_name, death_signal=signal.SIGINT),
        cwd=cluster.home,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        start_new_session=True,
    )
