"""How near a batch comes to the ideal: items / parallelism x provider latency; and many small ones at once.

With pictures of every day's size; `matrix` has small ones, for what the service costs besides.
"""

import asyncio
from contextlib import AsyncExitStack
from math import ceil

from bench.meters import cpu_ms, delays_ms, memory_mib, spent
from bench.shop import UNLIMITED, customer, followed, machine, order, painted, spread
from cli.up.stack import Stack
from schema.settings import Settings

ITEMS, LATENCY_S = 50, 1
SIDE = "1024"
USERS, ORDERS_EACH, ITEMS_EACH = 10, 2, 5
EXPORTS = ["instagram_story", "tiktok", "shopee_product"]


def main() -> None:
    with painted(LATENCY_S, FLUX_WIDTH=SIDE, FLUX_HEIGHT=SIDE, **UNLIMITED) as up:
        asyncio.run(_measure(up))


async def _measure(up: Stack) -> None:
    print(machine())
    ideal_s = ceil(ITEMS / Settings().pose_parallelism) * LATENCY_S
    async with customer() as api:
        for _ in ("all is drawn", "how long it takes is learned"):
            await followed(api, await order(api, ITEMS))
        for formats in ([], EXPORTS):
            body = await order(api, ITEMS, outputFormats=formats)
            before = cpu_ms(up)
            done = await followed(api, body)
            cpu = spent(before, cpu_ms(up), ITEMS)
            took = f"{done.wall_s:.2f} s, {done.wall_s / ideal_s:.2f} x ideal"
            print(f"{ITEMS} items, {len(formats)} formats: {took}")
            print(f"  item stored to event   {spread(delays_ms(up, [done]))}")
            print("  CPU ms an item         " + ", ".join(f"{name} {ms:.0f}" for name, ms in cpu.items()))
    crowd = f"{USERS} users, {ORDERS_EACH} orders of {ITEMS_EACH} each, {len(EXPORTS)} formats"
    print(f"{crowd}: {await _crowd_s():.2f} s")
    for name, size_mib in memory_mib(up).items():
        print(f"  {name:12} {size_mib:6.0f} MiB")


async def _crowd_s() -> float:
    """Until all that all have ordered at once is there."""
    async with AsyncExitStack() as shop:
        users = [await shop.enter_async_context(customer(f"user {number}")) for number in range(USERS)]
        orders = [(api, await order(api, ITEMS_EACH, outputFormats=EXPORTS)) for api in users * ORDERS_EACH]
        done = await asyncio.gather(*(followed(api, body) for api, body in orders))
        return max(each.wall_s for each in done)
