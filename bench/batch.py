"""How near a batch comes to the ideal: items / parallelism x provider latency; and many small ones at once.

With pictures of every day's size; `matrix` has small ones, for what the service costs besides.
"""

import asyncio
from contextlib import AsyncExitStack
from math import ceil
from statistics import median

from bench.meters import cpu_ms, delays_ms, memory_mib, spent
from bench.shop import UNLIMITED, customer, followed, header, order, p95, painted, row
from cli.http import Api
from cli.up.stack import Stack
from schema.settings import Settings

ITEMS, LATENCY_S, ROUNDS = 50, 1, 3
SIDE = "1024"
USERS, ORDERS_EACH, ITEMS_EACH = 10, 2, 5
EXPORTS = ["instagram_story", "tiktok", "shopee_product"]
PROGRAMS = ("worker-1", "temporal", "api", "postgres")


def main() -> None:
    with painted(LATENCY_S, FLUX_WIDTH=SIDE, FLUX_HEIGHT=SIDE, **UNLIMITED) as up:
        asyncio.run(_measure(up))


async def _measure(up: Stack) -> None:
    print(f"{ITEMS} items, medians of {ROUNDS}; CPU ms an item\n")
    print(header("exports", "wall s", "x ideal", "stored to event, p50 ms", "p95 ms", *PROGRAMS))
    async with customer() as api:
        for _ in ("all is drawn", "how long it takes is learned"):
            await followed(api, await order(api, ITEMS))
        for formats in ([], EXPORTS):
            await _batches(up, api, formats)
    crowd = f"{USERS} users, {ORDERS_EACH} orders of {ITEMS_EACH} each, {len(EXPORTS)} formats"
    print(f"\n{crowd}: {await _crowd_s():.2f} s")
    for name, size_mib in memory_mib(up).items():
        print(f"  {name:12} {size_mib:6.0f} MiB")


async def _batches(up: Stack, api: Api, formats: list[str]) -> None:
    ideal_s = ceil(ITEMS / Settings().pose_parallelism) * LATENCY_S
    before = cpu_ms(up)
    done = [await followed(api, await order(api, ITEMS, outputFormats=formats)) for _ in range(ROUNDS)]
    cpu = spent(before, cpu_ms(up), ITEMS * ROUNDS)
    wall_s, delays = median(each.wall_s for each in done), delays_ms(up, done)
    costs = (cpu[program] for program in PROGRAMS)
    print(row(str(len(formats)), wall_s, wall_s / ideal_s, median(delays), p95(delays), *costs), flush=True)


async def _crowd_s() -> float:
    """Until all that all have ordered at once is there."""
    async with AsyncExitStack() as shop:
        users = [await shop.enter_async_context(customer(f"user {number}")) for number in range(USERS)]
        orders = [(api, await order(api, ITEMS_EACH, outputFormats=EXPORTS)) for api in users * ORDERS_EACH]
        done = await asyncio.gather(*(followed(api, body) for api, body in orders))
        return max(each.wall_s for each in done)
