"""How near a batch comes to the ideal: items / parallelism x provider latency.

The pictures are small (256 x 256), so that the simulator's drawing is not what is measured.
"""

import asyncio
from math import ceil

from bench.meters import cpu_ms, delays_ms, memory_mib, spent
from bench.shop import customer, followed, machine, order, spread, stack
from cli.up.stack import Stack
from schema.settings import Settings

ITEMS, LATENCY_S = 50, 1


def main() -> None:
    with stack("--latency", str(LATENCY_S)) as up:
        asyncio.run(_measure(up))


async def _measure(up: Stack) -> None:
    print(machine())
    ideal_s = ceil(ITEMS / Settings().pose_parallelism) * LATENCY_S
    async with customer() as api:
        for formats in ([], ["instagram_story", "tiktok", "shopee_product"]):
            body = await order(api, ITEMS, outputFormats=formats)
            before = cpu_ms(up)
            done = await followed(api, body)
            cpu = spent(before, cpu_ms(up), ITEMS)
            took = f"{done.wall_s:.2f} s, {done.wall_s / ideal_s:.2f} x ideal"
            print(f"{ITEMS} items, {len(formats)} formats: {took}")
            print(f"  item stored to event   {spread(delays_ms(up, [done]))}")
            print("  CPU ms an item         " + ", ".join(f"{name} {ms:.0f}" for name, ms in cpu.items()))
    for name, size_mib in memory_mib(up).items():
        print(f"  {name:12} {size_mib:6.0f} MiB")
