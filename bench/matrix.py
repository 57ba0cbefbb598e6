"""Batches of many sizes, latencies and parallelisms: wall time, time to the first picture, what was spent.

The ideal is rounds x latency; where there is no latency to hide behind, the work itself is the wall.
`python -m bench.matrix full` takes all cases instead of some: two hours, most of them spent waiting.
"""

import asyncio
import sys
from itertools import groupby, product
from math import ceil
from typing import NamedTuple

from bench.meters import cpu_ms, history, memory_mib, spent
from bench.shop import UNLIMITED, customer, followed, header, order, row, stack
from cli import exit as way_out
from cli.up.stack import Stack

SIZES, LATENCIES_S, PARALLELISMS = (1, 10, 50, 500), (0.0, 1.0, 10.0), (1, 8, 24)
PROGRAMS = ("api", "worker-1", "temporal", "postgres")
POSES = 100
"""Of a large order; the rest are variations."""


class Case(NamedTuple):
    latency_s: float
    parallel: int
    items: int

    @property
    def ideal_s(self) -> float:
        return ceil(self.items / self.parallel) * self.latency_s


SOME = (
    *(Case(0, 8, items) for items in (1, 10, 50)),
    *(Case(1, parallel, 10) for parallel in (1, 8)),
    *(Case(1, 8, items) for items in (1, 50)),
    *(Case(1, 24, items) for items in (50, 500)),
)


def main() -> None:
    everything = (Case(*case) for case in product(LATENCIES_S, PARALLELISMS, SIZES))
    cases = sorted(everything if "full" in sys.argv else SOME)
    print("CPU ms an item, MiB at the end\n")
    columns = ("wall s", "x ideal", "first s", *(f"{name} ms" for name in PROGRAMS))
    print(header("items, latency, at once", *columns, *(f"{name} MiB" for name in PROGRAMS), "events", "KiB"))
    for (latency_s, parallel), alike in groupby(cases, key=lambda case: case[:2]):
        with stack("--latency", str(latency_s), **UNLIMITED, POSE_PARALLELISM=str(parallel)) as up:
            asyncio.run(_measure(up, list(alike)))


async def _measure(up: Stack, cases: list[Case]) -> None:
    async with customer("batch") as api:
        await followed(api, await order(api, 1))  # what is loaded at the first order is not the batch's
        for case in cases:
            poses = min(case.items, POSES)
            body = await order(api, poses, batchSize=case.items // poses)
            before = cpu_ms(up)
            done = await followed(api, body)
            cpu, memory = spent(before, cpu_ms(up), case.items), memory_mib(up)
            ideal = done.wall_s / case.ideal_s if case.ideal_s else ""
            told = [done.wall_s, ideal, done.first_s, *(cpu[name] for name in PROGRAMS)]
            told += [*(memory[name] for name in PROGRAMS), *await history(done.generation_id)]
            print(row(f"{case.items}, {case.latency_s:g} s, {case.parallel}", *told), flush=True)


if __name__ == "__main__":
    way_out.run(main)
