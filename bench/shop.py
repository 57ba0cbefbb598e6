"""A stack of its own for a benchmark, one customer at its door, and the arithmetic of tables."""

import os
import platform
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any, Final

from cli.demo import USER
from cli.follow import events
from cli.http import Api
from cli.up import pictures
from cli.up.stack import Stack
from schema.settings import Settings
from tests.servers.simulator import simulator
from tests.servers.up import posegen_up

BUSY = 0.7
"""Processes that want to run, before a benchmark adds its own."""


UNLIMITED: Final = {
    "SIGNUP_CREDITS": "1000000",
    "RATE_LIMIT_ITEMS_PER_MINUTE": "1000000",
    "RATE_LIMIT_REQUESTS_PER_MINUTE": "0",
    "STREAMS_PER_USER": "4000",
}
"""For benchmarks that order more than a customer may."""


@dataclass(frozen=True)
class Followed:
    generation_id: str
    first_s: float
    wall_s: float
    seen: dict[str, float]
    """When each item's event came, in seconds since 1970."""


@contextmanager
def stack(*options: str, **environment: str) -> Iterator[Stack]:
    before = dict(os.environ)
    os.environ.update(environment)
    try:
        with posegen_up(*options, **environment) as up:
            os.environ.update(up.stack.environment())
            yield up.stack
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextmanager
def painted(latency_s: float, **environment: str) -> Iterator[Stack]:
    """With an image service that draws each pose once and then only waits, so that its CPU is not ours."""
    drawing = ("--variants", "1", "--cached-pictures", "1000")
    with (
        simulator("--latency-s", str(latency_s), *drawing) as url,
        stack(**environment, **pictures.simulated("fal", url)) as up,
    ):
        yield up


@asynccontextmanager
async def customer(user: str = USER) -> AsyncIterator[Api]:
    async with Api(Settings(), user) as api:
        yield api


async def followed(api: Api, body: Mapping[str, Any]) -> Followed:
    """An order, from the request to its last event."""
    asked, seen = time.perf_counter(), dict[str, float]()
    generation_id = (await api.post("/generate", dict(body)))["generationId"]
    first_s = 0.0
    async for event in events(api, generation_id):
        if event["type"] == "item":
            first_s = first_s or time.perf_counter() - asked
            seen[event["id"]] = time.time()
    return Followed(generation_id, first_s, time.perf_counter() - asked, seen)


async def order(api: Api, poses: int, **more: Any) -> dict[str, Any]:
    made = await api.post("/projects", {"projectName": "Benchmark", "avatarSource": "AVATAR_CREATOR"})
    page = await api.get("/library", limit=poses, premium=False)
    return {
        "projectId": made["project"]["id"],
        "generationType": "GALLERY_REFERENCE",
        "selectedPoseIds": [pose["id"] for pose in page["poses"]],
        "batchSize": 1,
    } | more


def machine() -> str:
    """What the figures were measured on, and whether it was theirs alone."""
    load = os.getloadavg()[0]
    said = f"{os.cpu_count()} cores, Python {platform.python_version()}, load {load:.1f}"
    return f"{said}: others work here too, compare ratios" if load > BUSY else said


def row(*cells: str | float) -> str:
    """Of a table that can be pasted into the documentation."""
    told = (cell if isinstance(cell, str) else f"{cell:,.{0 if abs(cell) >= 10 else 2}f}" for cell in cells)
    return f"| {' | '.join(told)} |"


def header(*names: str) -> str:
    return f"{row(*names)}\n{'|---' * len(names)}|"


class Ratio:
    """Of each figure to the first that was told."""

    def __init__(self) -> None:
        self._first: float | None = None

    def __call__(self, figure: float) -> float:
        self._first = self._first or figure
        return figure / self._first


async def timed(ask: Callable[[], Awaitable[Any]]) -> float:
    """How many ms an answer takes."""
    started = time.perf_counter()
    await ask()
    return 1000 * (time.perf_counter() - started)


def p95(times_ms: Sequence[float]) -> float:
    return quantile(times_ms, 0.95)


def quantile(times_ms: Sequence[float], share: float) -> float:
    ranked = sorted(times_ms)
    return ranked[min(len(ranked) - 1, int(len(ranked) * share))]
