"""What one more picture costs as orders, users, watchers and the past grow: CPU of each program, an item.

Flat is the goal. A row that is not says where work goes with the size of something.
"""

import asyncio
from contextlib import AsyncExitStack

from bench import business
from bench.meters import cpu_ms, delays_ms, spent
from bench.shop import UNLIMITED, Followed, Ratio, customer, followed, header, order, p95, row, stack
from bench.sockets import streams
from cli.http import Api
from cli.up.stack import Stack

ITEMS = 40
"""In each row, however they are shared out."""
SIZES, USERS, WATCHERS = (40, 10, 1), (4, 20), (5, 20)
PROGRAMS = ("api", "worker-1", "temporal", "postgres")


def main() -> None:
    with stack("--latency", "0.2", **UNLIMITED) as up:
        asyncio.run(_measure(up))


async def _measure(up: Stack) -> None:
    print(f"{ITEMS} items a row, CPU ms an item\n")
    print(header("what grows", *PROGRAMS, "in all", "x the first", "stored to seen, p95 ms"))
    async with AsyncExitStack() as doors:
        apis = [await doors.enter_async_context(customer(f"user-{n}")) for n in range(max(USERS))]
        await _ordered(apis[:1], 10)  # what is loaded at the first order is nobody's
        ratio = Ratio()
        for size in SIZES:
            await _told(up, ratio, f"orders of {size}, one after the other", apis[:1], size)
        for count in USERS:
            await _told(up, ratio, f"{count} users at once", apis[:count], ITEMS // count)
        for count in WATCHERS:
            async with streams(apis[0], "/events", count):
                await _told(up, ratio, f"{count} watchers", apis[:1], ITEMS)
        await asyncio.to_thread(business.fill, up.database_url)
        await _told(up, ratio, "a million pictures before", apis[:1], ITEMS)


async def _told(up: Stack, ratio: Ratio, name: str, apis: list[Api], size: int) -> None:
    before, done = cpu_ms(up), list[Followed]()
    for _ in range(ITEMS // (size * len(apis))):
        done += await _ordered(apis, size)
    cpu = spent(before, cpu_ms(up), ITEMS)
    in_all = sum(cpu.values())
    figures = *(cpu[program] for program in PROGRAMS), in_all, ratio(in_all), p95(delays_ms(up, done))
    print(row(name, *figures), flush=True)


async def _ordered(apis: list[Api], size: int) -> list[Followed]:
    bodies = [await order(api, size) for api in apis]
    return await asyncio.gather(*(followed(api, body) for api, body in zip(apis, bodies, strict=True)))
