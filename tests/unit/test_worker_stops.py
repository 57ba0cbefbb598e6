"""All task queues of a worker process stop together."""

import asyncio
from contextlib import AsyncExitStack
from typing import Any, Self, cast

import pytest
from temporalio.client import Client
from temporalio.worker import Worker

from schema.settings import Settings
from workflows import worker


class Pool:
    """Stops once the other one stops too."""

    def __init__(self, together: asyncio.Barrier) -> None:
        self._together = together
        self.stopped = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self.stopped

    async def shutdown(self) -> None:
        await self._together.wait()
        self.stopped = True


async def test_no_queue_waits_for_what_another_still_does(monkeypatch: pytest.MonkeyPatch) -> None:
    together = asyncio.Barrier(2)
    pools = [Pool(together), Pool(together)]

    def opened(_client: Client, _tools: Any) -> Worker:
        return cast("Worker", pools.pop())

    def no_tools(_settings: Settings, _stack: AsyncExitStack) -> None: ...

    monkeypatch.setattr(worker, "open_tools", no_tools)
    monkeypatch.setattr(worker, "POOLS", {"calls": opened, "pictures": opened})
    async with asyncio.timeout(10):
        async with worker.serving(Settings(), cast("Client", None), ("calls", "pictures")):
            pass
    assert not pools
