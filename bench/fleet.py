"""Does a second worker share the work, and what does it cost to replace both in turn under load?

Eight orders at once, so that work waits for workers and not for an order's own parallelism.
"""

import asyncio
import os
import signal
import time
from collections import Counter

import psutil

from bench.batch import cpu_ms
from bench.shop import customer, order, stack
from cli.http import Api
from cli.up.stack import Stack
from schema.settings import Settings
from tests.eventually import eventually
from workflows.client import connect

ORDERS, ITEMS, LATENCY_S = 8, 15, 0.5


def main() -> None:
    for workers in (1, 2):
        with stack("--latency", str(LATENCY_S), "--workers", str(workers)) as up:
            asyncio.run(_measure(up, workers))


async def _measure(up: Stack, workers: int) -> None:
    async with customer() as api:
        body = await order(api, ITEMS)
        await _batches(api, body, 1)
        before = cpu_ms(up)
        wall_s, orders = await _batches(api, body, ORDERS)
        items = ORDERS * ITEMS
        spent = {name: (after - before[name]) / items for name, after in cpu_ms(up).items()}
        print(f"{workers} workers: {items} items in {wall_s:5.1f} s, {items / wall_s:5.1f} a second")
        print("  CPU ms an item  " + ", ".join(f"{name} {ms:.0f}" for name, ms in spent.items()))
        print(f"  activities      {dict(await _shares(orders))}")
        print("  MB              " + ", ".join(f"{name} {mb:.0f}" for name, mb in _memory(up).items()))
        if workers > 1:
            rolling = asyncio.create_task(_replace_in_turn(up))
            wall_s, _ = await _batches(api, body, ORDERS)
            await rolling
            print(f"  replaced in turn meanwhile: {wall_s:5.1f} s")


async def _batches(api: Api, body: dict[str, object], count: int) -> tuple[float, list[str]]:
    started = time.perf_counter()
    answers = await asyncio.gather(*(api.post("/generate", body) for _ in range(count)))
    orders = [str(answer["generationId"]) for answer in answers]
    await asyncio.gather(*(_ended(api, each) for each in orders))
    return time.perf_counter() - started, orders


async def _ended(api: Api, generation: str) -> None:
    async def look() -> tuple[str, int]:
        row = (await api.get(f"/generations/{generation}"))["generation"]
        return row["status"], row["posesFailed"]

    assert await eventually(look, lambda seen: seen[0] == "completed", within_s=300) == ("completed", 0)


async def _shares(orders: list[str]) -> Counter[str]:
    """Of each process, by its id."""
    client, done = await connect(Settings()), Counter[str]()
    for each in orders:
        history = await client.get_workflow_handle(each).fetch_history()
        started = [event.activity_task_started_event_attributes.identity for event in history.events]
        done.update(identity.partition("@")[0] for identity in started if identity)
    return done


async def _replace_in_turn(up: Stack) -> None:
    """The stack's supervisor starts each again."""
    for name in ("worker-1", "worker-2"):
        await asyncio.sleep(1)
        old = _pid(up, name)
        os.kill(old, signal.SIGTERM)
        await eventually(
            lambda named=name: _now(up, named), lambda pid, before=old: pid != before, within_s=60
        )


async def _now(up: Stack, name: str) -> int:
    return _pid(Stack.last(up.data_dir) or up, name)


def _pid(up: Stack, name: str) -> int:
    return next(process.pid for process in up.processes if process.name == name)


def _memory(up: Stack) -> dict[str, float]:
    return {each.name: psutil.Process(each.pid).memory_info().rss / 2**20 for each in up.processes}
