"""Knowing a process again: a pid alone may be a stranger's by now, pid and start time together are not."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

from pydantic import BaseModel

PROC = Path("/proc")
STATE, START_TIME = 0, 19  # fields of /proc/PID/stat after the name, see proc(5)


class Process(BaseModel, frozen=True):
    name: str
    pid: int
    started: str


def mark(name: str, pid: int) -> Process:
    return Process(name=name, pid=pid, started=_started(pid))


def is_alive(process: Process) -> bool:
    return bool(process.started) and _started(process.pid) == process.started


def end(processes: Iterable[Process], *, patience_s: float = 5) -> None:
    """Ask the living ones to stop, then kill them together with what they started."""
    alive = [process for process in processes if is_alive(process)]
    for process in alive:
        signal_group(process.pid, signal.SIGINT)
    deadline = time.monotonic() + patience_s
    while any(map(is_alive, alive)) and time.monotonic() < deadline:
        time.sleep(0.02)
    for process in alive:
        signal_group(process.pid, signal.SIGKILL)


def signal_group(leader: int, number: signal.Signals) -> None:
    try:
        os.killpg(leader, number)
    except (ProcessLookupError, PermissionError):  # gone; macOS says EPERM for a group of zombies
        return


def program(pid: int) -> str:
    """The name of the program a pid runs, empty when there is none."""
    if sys.platform != "linux":
        return _ps(pid, "comm")
    try:
        return (PROC / str(pid) / "comm").read_text().strip()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def _started(pid: int) -> str:
    """Empty for a pid that does not run (any more)."""
    if sys.platform != "linux":
        return _ps(pid, "lstart")
    try:
        fields = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return ""
    if fields[STATE] in "ZX":
        return ""
    boot = (PROC / "sys/kernel/random/boot_id").read_text().strip()
    return f"{boot}/{fields[START_TIME]}"


def _ps(pid: int, column: str) -> str:
    answer = subprocess.run(  # noqa: S603 - fixed words and a number
        ["ps", "-o", f"{column}=", "-p", str(pid)],  # noqa: S607 - wherever this system keeps it
        capture_output=True,
        text=True,
        check=False,
    )
    return answer.stdout.strip()
