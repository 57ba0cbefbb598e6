"""Do receivers that never answer hold up those who order? 50 of them hang while generations are started."""

import asyncio
from contextlib import AsyncExitStack
from statistics import median
from typing import Any

from bench.shop import customer, header, order, p95, row, stack, timed
from cli.http import Api
from schema.settings import Settings
from tests.eventually import until
from tests.servers.receiver import Receiver, hang, receiving

HANGING, STARTS = 50, 30
PAUSE_S = 0.2
PER_USER = 5


def main() -> None:
    with stack("--latency", "0.2"):
        asyncio.run(_measure())


async def _measure() -> None:
    async with customer() as api, receiving(hang) as dead:
        body = await order(api, 1)
        await api.post("/generate", body)
        before = await _starts(api, body)
        users = [f"deaf-{number}" for number in range(HANGING // PER_USER)]
        async with AsyncExitStack() as open_things:
            apis = [await open_things.enter_async_context(Api(Settings(), user)) for user in users]
            tests = [asyncio.create_task(_ask(each, dead, n)) for each in apis for n in range(PER_USER)]
            await until(lambda: dead.open == HANGING)
            hung = dead.open
            during = await _starts(api, body)
            left = dead.open
            await asyncio.gather(*tests, return_exceptions=True)
    print(header("`POST /generate`, ms", "p50", "p95", "p50 x", "p95 x"))
    print(row("nobody hangs", median(before), p95(before), "", ""))
    ratios = median(during) / median(before), p95(during) / p95(before)
    print(row(f"{hung} receivers hang ({left} at the end)", median(during), p95(during), *ratios))


async def _ask(api: Api, dead: Receiver, number: int) -> None:
    host = "127.0.0.1" if number % 2 else "localhost"
    await api.post("/webhooks/test", {"url": dead.url.replace("127.0.0.1", host)})


async def _starts(api: Api, body: dict[str, Any]) -> list[float]:
    times: list[float] = []
    for _ in range(STARTS):
        times.append(await timed(lambda: api.post("/generate", body)))
        await asyncio.sleep(PAUSE_S)
    return times
