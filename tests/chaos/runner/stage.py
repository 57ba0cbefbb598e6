"""What a run takes place on: how the stack is started, who its customers are, how its books are checked."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from schema.queries import users
from tests.chaos.runner.blows import Fleet
from tests.chaos.runner.plan import CUSTOMERS, Plan
from tests.integration.front_door import Customer
from tests.integration.shop import Shop
from tests.servers.up import Up

FLEET: Final = Fleet(workers=2, slots=8)
OPTIONS: Final = ("--workers", str(FLEET.workers), "--latency", "1", "--simulator")
_SETTINGS: Final = {
    "FLUX_CONCURRENCY": str(FLEET.slots),
    "POSE_PARALLELISM": "4",
    "FLUX_CALL_TIMEOUT_S": "40",  # of jobs that never end; longer than a worker stands still
    "RATE_LIMIT_ITEMS_PER_MINUTE": "100000",
}
CREDITS: Final = {"ani": 1_000_000, "budi": 1_000_000, "citra": 0, "dewi": 900}
UNLIMITED: Final = "citra"
DAY_S: Final = 86_400


def environment(plan: Plan) -> dict[str, str]:
    return _SETTINGS | {"FLUX_PROVIDER": plan.provider}


async def audit(up: Up) -> list[str]:
    argv = [sys.executable, "-P", "-m", "cli.main", "audit", "--data", str(up.data), "--json"]
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*argv, stdout=pipe, stderr=pipe, cwd=up.home)
    said, complained = await process.communicate()
    if not said:
        return [complained.decode()]
    return [str(finding) for finding in json.loads(said)["findings"]]


@asynccontextmanager
async def customers_of(shop: Shop, url: str) -> AsyncIterator[list[Customer]]:
    for name in CUSTOMERS:
        await shop.welcome(name, CREDITS[name])
    async with shop.database.transaction() as session:
        await users.set_unlimited(session, UNLIMITED, active=True, daily_quota_items=100_000)
    customers = [Customer.of(shop.settings, url, name, DAY_S) for name in CUSTOMERS]
    try:
        yield customers
    finally:
        for each in customers:
            await each.http.aclose()
