"""Event streams: how soon an item is seen, how many stay open at no one's cost, how often Temporal is asked.

Clients, API and worker share the machine: with many generations at once it is their work that is waited for.
"""

import asyncio
import time
from collections.abc import Sequence
from statistics import median

from bench.meters import delays_ms, memory_mib, queries
from bench.shop import UNLIMITED, Ratio, customer, followed, header, order, p95, row, stack
from bench.sockets import streams
from cli.http import Api
from cli.up.stack import Stack

AT_ONCE = (1, 10, 50, 200)
ITEMS_EACH, LATENCY_S = 2, 1
STREAMS = (0, 1, 200, 2000)
READS, PAUSE_S = 60, 0.05
USER = "watcher"


def main() -> None:
    with stack("--latency", str(LATENCY_S), **UNLIMITED) as up:
        asyncio.run(_seen(up))
    with stack("--latency", "3600", **UNLIMITED) as up:  # a generation that stays as it is
        asyncio.run(_open(up))


async def _seen(up: Stack) -> None:
    print(f"\nitem stored to its event, {ITEMS_EACH} items a generation, ms\n")
    print(header("generations at once", "p50", "p95", "p50 x one", "queries a second", "queries an item"))
    async with customer(USER) as api:
        body = await order(api, ITEMS_EACH)
        await followed(api, body)
        ratio = Ratio()
        for count in AT_ONCE:
            asked, began = await queries(up), time.perf_counter()
            done = await asyncio.gather(*(followed(api, body) for _ in range(count)))
            asked, wall_s = await queries(up) - asked, time.perf_counter() - began
            delays = delays_ms(up, done)
            figures = median(delays), p95(delays), ratio(median(delays)), asked / wall_s, asked / len(delays)
            print(row(str(count), *figures), flush=True)


async def _open(up: Stack) -> None:
    print(f"\nGET /credits while streams of one waiting generation are open, ms ({READS} reads)\n")
    print(header("streams", "p50", "p95", "p50 x none", "queries a second", "API MiB"))
    async with customer(USER) as api:
        generation = (await api.post("/generate", await order(api, 1)))["generationId"]
        path = f"/generations/{generation}/events"
        await _reads(api)
        ratio = Ratio()
        for count in STREAMS:
            async with streams(api, path, count):
                asked, began = await queries(up), time.perf_counter()
                times = await _reads(api)
                rate = (await queries(up) - asked) / (time.perf_counter() - began)
                figures = median(times), p95(times), ratio(median(times)), rate, memory_mib(up)["api"]
                print(row(f"{count:,}", *figures), flush=True)


async def _reads(api: Api) -> Sequence[float]:
    times = []
    for _ in range(READS):
        started = time.perf_counter()
        await api.get("/credits")
        times.append(1000 * (time.perf_counter() - started))
        await asyncio.sleep(PAUSE_S)
    return times
