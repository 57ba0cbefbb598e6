"""What open event streams cost one process of the API: memory, other requests, the delay of the last."""

import asyncio
import time
from contextlib import AsyncExitStack
from typing import Any

import httpx
import psutil
from httpx_sse import aconnect_sse

from bench.shop import customer, order, spread, stack
from cli.http import Api
from cli.up.stack import Stack

STREAMS, ROUNDS, PAUSE_S = 1000, 50, 0.05


def main() -> None:
    with stack("--latency", "0.2", STREAMS_PER_USER=str(STREAMS + 1)) as up:
        asyncio.run(_measure(up))


async def _measure(up: Stack) -> None:
    async with customer() as api, _browser(api) as browser, AsyncExitStack() as open_streams:
        generation = (await api.post("/generate", await order(api, 24)))["generationId"]
        await api.post(f"/generations/{generation}/pause", {})
        before, alone = _memory(up), await _asked(api)
        streams = [
            await open_streams.enter_async_context(_stream(browser, generation)) for _ in range(STREAMS)
        ]
        heard = [asyncio.create_task(_until_it_goes_on(stream)) for stream in streams]
        await asyncio.sleep(2)
        after, among = _memory(up), await _asked(api)
        await api.post(f"/generations/{generation}/resume", {})
        told = sorted(await asyncio.gather(*heard))
    print(f"API with nobody    {before:6.0f} MB, GET /credits {spread(alone)}")
    print(f"with {STREAMS} streams  {after:6.0f} MB, GET /credits {spread(among)}")
    print(f"the last of them hears of a change {1000 * (told[-1] - told[0]):.0f} ms after the first")


def _browser(api: Api) -> httpx.AsyncClient:
    """As many connections as there are streams."""
    limits = httpx.Limits(max_connections=None)
    return httpx.AsyncClient(base_url=api.http.base_url, headers=api.http.headers, limits=limits)


def _stream(browser: httpx.AsyncClient, generation: str) -> Any:
    return aconnect_sse(browser, "GET", f"/generations/{generation}/events", timeout=120)


async def _until_it_goes_on(stream: Any) -> float:
    async for event in stream.aiter_sse():
        if event.event == "item":
            return time.perf_counter()
    raise AssertionError("it ended")


async def _asked(api: Api) -> list[float]:
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        await api.get("/credits")
        times.append(1000 * (time.perf_counter() - started))
        await asyncio.sleep(PAUSE_S)
    return times


def _memory(up: Stack) -> float:
    api = next(process for process in up.processes if process.name == "api")
    return psutil.Process(api.pid).memory_info().rss / 2**20
