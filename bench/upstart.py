"""`posegen up` until it is ready, by phase: the first start in an empty folder, and later ones on it."""

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from statistics import median
from threading import Event, Thread

from bench.shop import header, row
from cli.up.stack import Stack
from tests.servers.up import Up

LATER = 3
LOOK_S = 0.01
PHASES = {
    "temporal": "until the servers start",
    "api": "servers ready, database filled",
    "ready": "API and worker",
}


def main() -> None:
    print(f"Seconds, later starts as medians of {LATER}\n")
    print(header("start", *PHASES.values(), "in all", "x later"))
    home = Path(tempfile.mkdtemp(prefix="posegen-bench-"))
    home.chmod(0o711)  # started by root, the database runs as another user
    try:
        up = Up(home, {})
        first, *later = [_phases(up) for _ in range(1 + LATER)]
        usual = [median(times) for times in zip(*later, strict=True)]
        for name, times in {"later": usual, "first": first}.items():
            print(row(name, *times, times[-1] / usual[-1]))
    finally:
        shutil.rmtree(home)


def _phases(up: Up) -> list[float]:
    """Each phase, and their sum. A phase begins with the process it starts."""
    started = time.perf_counter()
    with _watched(up.data) as seen:
        up.start()
        seen["ready"] = time.perf_counter()
    up.stop()
    times = [started, *(seen[name] for name in PHASES)]
    return [*(after - before for before, after in pairwise(times)), times[-1] - started]


@contextmanager
def _watched(data: Path) -> Iterator[dict[str, float]]:
    """When each program of the stack was first there."""
    seen: dict[str, float] = {}
    over = Event()

    def look() -> None:
        while not over.wait(LOOK_S):
            stack = Stack.last(data)
            for process in stack.processes if stack else ():
                seen.setdefault(process.name, time.perf_counter())

    watch = Thread(target=look)
    watch.start()
    try:
        yield seen
    finally:
        over.set()
        watch.join()
