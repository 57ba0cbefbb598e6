"""A real `posegen up` in a folder of its own, with its processes within reach of a test that kills them."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from cli.up import launch, ports
from cli.up.process import Process
from cli.up.stack import Stack

ANY_PORTS = ("--port", "0", "--temporal-port", "0", "--ui-port", "0")
SIDE = 256
"""Small pictures: what is tested is not the drawing."""
STOP_TIMEOUT_S = 60


class Up:
    def __init__(self, home: Path, environment: Mapping[str, str]) -> None:
        self.home = home
        inherited = {name: value for name, value in os.environ.items() if name != "FLUX_PROVIDER"}
        small = {"FLUX_WIDTH": str(SIDE), "FLUX_HEIGHT": str(SIDE)}
        # no test is paid for, whatever the machine has set
        self._environment = {**inherited, **small, **environment}
        self.data = home / "data"
        self.temporary = home / "tmp"
        self.temporary.mkdir()
        self._errors = home / "errors"
        self._supervisor: subprocess.Popen[str] | None = None

    @property
    def stack(self) -> Stack:
        stack = Stack.last(self.data)
        assert stack, "nothing is up"
        return stack

    @property
    def logs(self) -> list[Path]:
        """Of each program, also once all is stopped."""
        return sorted((self.data / "logs").glob("*.log"))

    def process(self, name: str) -> Process:
        return next(child for child in self.stack.processes if child.name == name)

    def send(self, name: str, number: signal.Signals) -> None:
        os.kill(self.process(name).pid, number)

    @property
    def said(self) -> str:
        return self._errors.read_text()

    def start(self, *options: str) -> None:
        """Returns once it says ready."""
        self._supervisor = self._posegen("up", *ANY_PORTS, *options)
        assert self._supervisor.stdout
        self.announced = ""
        for line in self._supervisor.stdout:
            self.announced += line
            if line.startswith("ready "):
                break
        else:
            pytest.fail(f"posegen up did not get ready:\n{self.said}")

    @contextmanager
    def another_worker(self) -> Iterator[int]:
        """The pid of a worker that nobody supervises, as an operator adds one."""
        with self._posegen("worker") as worker:
            try:
                yield worker.pid
            finally:
                worker.kill()

    def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        """How the supervisor ended."""
        assert self._supervisor
        with self._supervisor as supervisor:
            supervisor.send_signal(number)
            return supervisor.wait(STOP_TIMEOUT_S)

    def _posegen(self, command: str, *options: str) -> "subprocess.Popen[str]":
        """It ends with this thread."""
        argv = [sys.executable, "-P", "-m", "cli.main", command, "--data", str(self.data), *options]
        with self._errors.open("a") as errors:
            return subprocess.Popen(
                launch.command(argv, death_signal=signal.SIGINT),
                cwd=self.home,
                env={**self._environment, "TMPDIR": str(self.temporary)},
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                start_new_session=True,
            )

    def stop_if_running(self) -> None:
        if self._supervisor and self._supervisor.poll() is None:
            self.stop()


@contextmanager
def posegen_up(*options: str, **environment: str) -> Iterator[Up]:
    home = Path(tempfile.mkdtemp(prefix="posegen-up-"))
    home.chmod(0o711)  # started by root, the database runs as another user
    up = Up(home, environment)
    try:
        up.start(*options)
        yield up
    finally:
        up.stop_if_running()
        shutil.rmtree(home)


def left_of(stack: Stack) -> list[str]:
    """Its processes that still live, with whatever they had started, and its ports that are still in use."""
    taken = [port for port in _ports(stack) if not ports.is_free(port)]
    groups = [child.name for child in stack.processes if _has_members(child.pid)]
    return [*groups, *map(str, taken)]


def _ports(stack: Stack) -> list[int]:
    temporal = f"tcp://{stack.temporal_address}"
    urls = [stack.api_url, stack.database_url, temporal, stack.temporal_ui_url, stack.simulator_url]
    return [port for url in urls if (port := urlsplit(url).port)]


def _has_members(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True
