"""How long a client waits for the 202, credits charged. Provider calls are held back: only starts count."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

from bench.shop import customer, order, spread, stack
from cli.http import Api

ALONE, CLIENTS, EACH = 30, 20, 10
PAUSE_S = 0.3


def main() -> None:
    with stack("--latency", "1", FLUX_MAX_PER_SECOND="0.001"):
        asyncio.run(_measure())


async def _measure() -> None:
    async with customer() as api:
        body = await order(api, 1)
        await api.post("/generate", body)
        read = await _alone(lambda: api.get("/credits"))
        alone = await _alone(lambda: api.post("/generate", body))
        started = time.perf_counter()
        crowd = await asyncio.gather(*(_client(api, body) for _ in range(CLIENTS)))
        wall_s = time.perf_counter() - started
    together = [took for times in crowd for took in times]
    print(f"GET /credits, alone        {spread(read)}")
    print(f"POST /generate, alone      {spread(alone)}")
    print(f"POST /generate, {CLIENTS} clients {spread(together)}  {len(together) / wall_s:.0f}/s")


async def _alone(ask: Callable[[], Awaitable[Any]]) -> list[float]:
    times: list[float] = []
    for _ in range(ALONE):
        times.append(await _timed(ask))
        await asyncio.sleep(PAUSE_S)
    return times


async def _client(api: Api, body: dict[str, Any]) -> list[float]:
    return [await _timed(lambda: api.post("/generate", body)) for _ in range(EACH)]


async def _timed(ask: Callable[[], Awaitable[Any]]) -> float:
    started = time.perf_counter()
    await ask()
    return 1000 * (time.perf_counter() - started)
