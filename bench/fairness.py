"""Does a small order wait behind a large one? Two users order 1 and 5 pictures while another's 5 x 50 run."""

import asyncio
from collections.abc import Mapping
from statistics import median

from bench.shop import UNLIMITED, customer, followed, header, machine, order, row, stack

LATENCY_S, ROUNDS = 0.2, 3
ORDERS, EACH = 5, 50
SMALL = {"one": 1, "five": 5}
PAUSE_S = 0.5

Times = Mapping[str, list[float]]


def main() -> None:
    with stack("--latency", str(LATENCY_S), **UNLIMITED):
        asyncio.run(_measure())


async def _measure() -> None:
    print(f"{machine()}; seconds from the order to the last picture, medians of {ROUNDS}\n")
    alone = await _small_orders()
    async with customer("crowd") as api:
        body = await order(api, EACH)
        crowd = [asyncio.create_task(followed(api, body)) for _ in range(ORDERS)]
        await asyncio.sleep(2 * LATENCY_S + 1)  # until every place is taken
        behind = await _small_orders()
        left = sum(not each.done() for each in crowd)
        crowd_s = max(each.wall_s for each in await asyncio.gather(*crowd))
    print(header("order", "alone", f"behind {ORDERS} x {EACH}", "ratio"))
    for name, count in SMALL.items():
        before, during = median(alone[name]), median(behind[name])
        print(row(f"{count} picture{'s' * (count > 1)}", before, during, during / before))
    print(f"\nthe crowd took {crowd_s:.1f} s; {left} of its {ORDERS} orders ran until the end of the others'")


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
