"""A stack of its own for a benchmark, one customer at its door, and the arithmetic of tables."""

import os
import platform
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from statistics import median
from typing import Any

from cli.demo import USER
from cli.http import Api
from cli.up.stack import Stack
from schema.settings import Settings
from tests.servers.up import posegen_up

BUSY = 0.7
"""Processes that want to run, before a benchmark adds its own."""


@contextmanager
def stack(*options: str, **environment: str) -> Iterator[Stack]:
    before = dict(os.environ)
    os.environ.update(environment)
    try:
        with posegen_up(*options) as up:
            os.environ.update(up.stack.environment())
            yield up.stack
    finally:
        os.environ.clear()
        os.environ.update(before)


@asynccontextmanager
async def customer() -> AsyncIterator[Api]:
    async with Api(Settings(), USER) as api:
        yield api


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


def spread(times_ms: Sequence[float]) -> str:
    ranked = sorted(times_ms)
    p95 = ranked[min(len(ranked) - 1, int(len(ranked) * 0.95))]
    return f"p50 {median(ranked):7.1f}  p95 {p95:7.1f}  max {ranked[-1]:7.1f} ms  (n={len(ranked)})"
