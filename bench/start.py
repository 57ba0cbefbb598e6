"""How long a client waits for the 202, credits charged, against the start of a workflow that only answers.

Provider calls are held back: only starts count.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from operator import truediv
from typing import Any, NamedTuple

from bench import empty
from bench.shop import customer, header, order, quantile, row, stack, timed

ALONE, TOGETHER = 30, 200
CROWDS = (20, 100)
PAUSE_S, REST_S = 0.3, 5
SHARES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}

Ask = Callable[[], Awaitable[Any]]


class Taken(NamedTuple):
    times_ms: list[float]
    a_second: float | str = ""

    @property
    def spread(self) -> list[float]:
        return [quantile(self.times_ms, share) for share in SHARES.values()]


def main() -> None:
    with stack("--latency", "1", FLUX_MAX_PER_SECOND="0.001", SIGNUP_CREDITS="100000"):
        asyncio.run(_measure())


async def _measure() -> None:
    async with customer() as api, empty.starts() as start:
        body = await order(api, 1)

        async def post() -> None:
            await api.post("/generate", body)

        await post()
        print(header("ms", *SHARES, "a second", *(f"{share} x the empty one's" for share in SHARES)))
        _tell("`GET /credits`, alone", await _alone(lambda: api.get("/credits")))
        _tell_both("alone", await _alone(start), await _alone(post))
        for clients in CROWDS:
            await asyncio.sleep(REST_S)  # what was started before is planned by then
            least = await _together(start, clients)
            _tell_both(f"{clients} clients at once", least, await _together(post, clients))


def _tell_both(how: str, least: Taken, ours: Taken) -> None:
    _tell(f"an empty workflow, {how}", least)
    _tell(f"`POST /generate`, {how}", ours, least)


def _tell(name: str, taken: Taken, least: Taken | None = None) -> None:
    spread = taken.spread
    ratios = map(truediv, spread, least.spread) if least else [""] * len(spread)
    print(row(name, *spread, taken.a_second, *ratios), flush=True)


async def _together(ask: Ask, clients: int) -> Taken:
    started = time.perf_counter()
    crowd = await asyncio.gather(*(_client(ask, TOGETHER // clients) for _ in range(clients)))
    wall_s = time.perf_counter() - started
    times = [took for each in crowd for took in each]
    return Taken(times, len(times) / wall_s)


async def _alone(ask: Ask) -> Taken:
    times: list[float] = []
    for _ in range(ALONE):
        times.append(await timed(ask))
        await asyncio.sleep(PAUSE_S)
    return Taken(times)


async def _client(ask: Ask, times: int) -> list[float]:
    return [await timed(ask) for _ in range(times)]
