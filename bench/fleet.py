"""What a second worker brings, and what it costs that both are replaced in turn while orders run.

Eight orders at once, so that work waits for workers and not for the parallelism of one order.
"""

import asyncio
import os
import signal
import time
from collections import Counter
from functools import partial

from bench.meters import cpu_ms, memory_mib, spent
from bench.shop import UNLIMITED, Ratio, customer, followed, header, order, row, stack
from cli.http import Api
from cli.up.stack import Stack
from schema.settings import Settings
from tests.eventually import eventually
from workflows.client import connect

ORDERS, ITEMS, LATENCY_S = 8, 15, 0.5
PROGRAMS = ("api", "temporal", "postgres")


def main() -> None:
    print(f"{ORDERS} orders of {ITEMS} at once, {LATENCY_S} s a picture\n")
    cpu = "CPU ms a picture: workers", *PROGRAMS
    print(header("workers", "pictures a second", "x one worker", *cpu, "MiB a worker", "shares"))
    ratio = Ratio()
    for workers in (1, 2):
        with stack("--latency", str(LATENCY_S), "--workers", str(workers), **UNLIMITED) as up:
            asyncio.run(_measure(up, workers, ratio))


async def _measure(up: Stack, workers: int, ratio: Ratio) -> None:
    async with customer() as api:
        await _ordered(api, 1)
        before = cpu_ms(up)
        wall_s, orders = await _ordered(api, ORDERS)
        cost = spent(before, cpu_ms(up), ORDERS * ITEMS)
        fleet = [name for name in cost if name.startswith("worker")]
        memory = max(memory_mib(up)[name] for name in fleet)
        shares = " + ".join(f"{share:.0%}" for share in await _shares(orders))
        costs = (sum(cost[name] for name in fleet), *(cost[name] for name in PROGRAMS))
        pace = ORDERS * ITEMS / wall_s
        print(row(str(workers), pace, ratio(pace), *costs, memory, shares))
        if workers > 1:
            replacing = asyncio.create_task(_replaced_in_turn(up, fleet))
            wall_s, _ = await _ordered(api, ORDERS)
            await replacing
            pace = ORDERS * ITEMS / wall_s
            print(row("2, replaced in turn", pace, ratio(pace), *["" for _ in costs], "", ""))


async def _ordered(api: Api, count: int) -> tuple[float, list[str]]:
    started = time.perf_counter()
    body = await order(api, ITEMS)
    done = await asyncio.gather(*(followed(api, body) for _ in range(count)))
    assert all(len(each.seen) == ITEMS for each in done), "a picture is missing"
    return time.perf_counter() - started, [each.generation_id for each in done]


async def _shares(orders: list[str]) -> list[float]:
    """Of all activities, by worker."""
    client, done = await connect(Settings()), Counter[str]()
    for each in orders:
        history = await client.get_workflow_handle(each).fetch_history()
        started = [event.activity_task_started_event_attributes.identity for event in history.events]
        done.update(identity for identity in started if identity)
    return sorted(count / done.total() for count in done.values())


async def _replaced_in_turn(up: Stack, fleet: list[str]) -> None:
    """The stack starts each again that has ended."""
    for name in fleet:
        await asyncio.sleep(1)
        old = await _pid(up, name)
        os.kill(old, signal.SIGTERM)
        await eventually(partial(_pid, up, name), lambda pid, gone=old: pid != gone, within_s=60)


async def _pid(up: Stack, name: str) -> int:
    now = Stack.last(up.data_dir) or up
    return next(process.pid for process in now.processes if process.name == name)
