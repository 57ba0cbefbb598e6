"""How near a batch comes to the ideal: items / parallelism x provider latency.

The pictures are small (256 x 256), so that the simulator's drawing is not what is measured.
"""

import asyncio
import time
from datetime import datetime

import psutil

from bench.shop import customer, order, spread, stack
from cli.follow import events
from cli.http import Api
from cli.up.stack import Stack
from schema.settings import Settings

ITEMS, LATENCY_S = 50, 1


def main() -> None:
    with stack("--latency", str(LATENCY_S)) as up:
        asyncio.run(_measure(up))


async def _measure(up: Stack) -> None:
    ideal_s = -(-ITEMS // Settings().pose_parallelism) * LATENCY_S
    async with customer() as api:
        for formats in ([], ["instagram_story", "tiktok", "shopee_product"]):
            body = await order(api, ITEMS, outputFormats=formats)
            before = _cpu_ms(up)
            wall_s, seen = await _batch(api, body)
            spent = {name: (after - before[name]) / ITEMS for name, after in _cpu_ms(up).items()}
            delays = await _delays(api, seen)
            print(f"{ITEMS} items, {len(formats)} formats: {wall_s:6.2f} s, {wall_s / ideal_s:.2f} x ideal")
            print(f"  item stored to event   {spread(delays)}")
            print("  CPU ms an item         " + ", ".join(f"{name} {ms:.0f}" for name, ms in spent.items()))
    for process in up.processes:
        print(f"  {process.name:12} {psutil.Process(process.pid).memory_info().rss / 2**20:6.0f} MB")


def _cpu_ms(up: Stack) -> dict[str, float]:
    """Spent so far, by process and its children."""
    spent = {}
    for process in up.processes:
        root = psutil.Process(process.pid)
        family = [root, *root.children(recursive=True)]
        spent[process.name] = 1000 * sum(sum(member.cpu_times()[:2]) for member in family)
    return spent


async def _batch(api: Api, body: dict[str, object]) -> tuple[float, dict[str, float]]:
    """Wall time from POST to the end, and when each item's event came."""
    started, seen = time.perf_counter(), {}
    generation = (await api.post("/generate", body))["generationId"]
    async for event in events(api, generation):
        if event["type"] == "item":
            seen[event["id"]] = time.time()
    return time.perf_counter() - started, seen


async def _delays(api: Api, seen: dict[str, float]) -> list[float]:
    delays = []
    for item_id, at in seen.items():
        item = (await api.get(f"/poses/{item_id}"))["pose"]
        delays.append(1000 * (at - datetime.fromisoformat(item["createdAt"]).timestamp()))
    return delays
