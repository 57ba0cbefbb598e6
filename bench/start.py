"""How long a client waits for the 202, credits charged. Provider calls are held back: only starts count."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

from bench.shop import customer, order, spread, stack, timed
from cli.http import Api

ALONE, TOGETHER = 30, 200
CROWDS = (20, 100)
PAUSE_S, REST_S = 0.3, 5


def main() -> None:
    with stack("--latency", "1", FLUX_MAX_PER_SECOND="0.001", SIGNUP_CREDITS="100000"):
        asyncio.run(_measure())


async def _measure() -> None:
    async with customer() as api:
        body = await order(api, 1)
        await api.post("/generate", body)
        read = await _alone(lambda: api.get("/credits"))
        alone = await _alone(lambda: api.post("/generate", body))
        print(f"GET /credits, alone         {spread(read)}")
        print(f"POST /generate, alone       {spread(alone)}")
        for clients in CROWDS:
            await asyncio.sleep(REST_S)  # what was started before is planned by then
            print(f"POST /generate, {clients:3} clients {await _together(api, body, clients)}")


async def _together(api: Api, body: dict[str, Any], clients: int) -> str:
    started = time.perf_counter()
    crowd = await asyncio.gather(*(_client(api, body, TOGETHER // clients) for _ in range(clients)))
    wall_s = time.perf_counter() - started
    times = [took for each in crowd for took in each]
    return f"{spread(times)}  {len(times) / wall_s:.0f}/s"


async def _alone(ask: Callable[[], Awaitable[Any]]) -> list[float]:
    times: list[float] = []
    for _ in range(ALONE):
        times.append(await timed(ask))
        await asyncio.sleep(PAUSE_S)
    return times


async def _client(api: Api, body: dict[str, Any], orders: int) -> list[float]:
    return [await timed(lambda: api.post("/generate", body)) for _ in range(orders)]
