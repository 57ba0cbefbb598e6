"""Does a small order wait behind a large one? Two users order 1 and 5 pictures, alone and behind hundreds."""

import asyncio
from collections.abc import Mapping
from statistics import median
from typing import NamedTuple

from bench.shop import UNLIMITED, customer, followed, header, order, row, stack
from cli.follow import events
from cli.http import Api

LATENCY_S, ROUNDS = 0.2, 3
SMALL = {"one": 1, "five": 5}
PAUSE_S = 0.5

Times = Mapping[str, list[float]]


class Crowd(NamedTuple):
    orders: int
    poses: int
    variations: int = 1

    def __str__(self) -> str:
        return f"behind {self.orders} x {self.poses * self.variations}"


CROWDS = (Crowd(5, 50), Crowd(1, 100, 5))


def main() -> None:
    with stack("--latency", str(LATENCY_S), **UNLIMITED):
        asyncio.run(_measure())


async def _measure() -> None:
    print(f"Seconds from the order to the last picture, medians of {ROUNDS}\n")
    alone = await _small_orders()
    crowded = {str(crowd): await _behind(crowd) for crowd in CROWDS}
    print(header("order", "alone", *(name for crowd in crowded for name in (crowd, "ratio"))))
    for name, count in SMALL.items():
        before, during = median(alone[name]), [median(times[name]) for times in crowded.values()]
        told = (cell for took_s in during for cell in (took_s, took_s / before))
        print(row(f"{count} picture{'s' * (count > 1)}", before, *told))


async def _behind(crowd: Crowd) -> Times:
    """Which is not waited for: what is left of it is cancelled."""
    async with customer("crowd") as api:
        body = await order(api, crowd.poses, batchSize=crowd.variations)
        ids = [(await api.post("/generate", body))["generationId"] for _ in range(crowd.orders)]
        watchers = [asyncio.create_task(_watch(api, each)) for each in ids]
        await asyncio.sleep(2 * LATENCY_S + 1)  # until every place is taken
        times = await _small_orders()
        if any(each.done() for each in watchers):
            raise RuntimeError(f"nothing was {crowd} at the end: some of it was over")
        for each in ids:
            await api.post(f"/generations/{each}/cancel", {})
        await asyncio.gather(*watchers)
    return times


async def _watch(api: Api, generation_id: str) -> None:
    async for _ in events(api, generation_id):
        pass


async def _small_orders() -> Times:
    times: dict[str, list[float]] = {name: [] for name in SMALL}
    for _ in range(ROUNDS):
        for name, took_s in zip(SMALL, await asyncio.gather(*map(_small, SMALL)), strict=True):
            times[name].append(took_s)
        await asyncio.sleep(PAUSE_S)
    return times


async def _small(name: str) -> float:
    async with customer(name) as api:
        return (await followed(api, await order(api, SMALL[name]))).wall_s
