"""Two processes of the API on one database: what a user may order in a minute is one limit over both."""

import asyncio
from contextlib import AsyncExitStack

from schema.settings import Settings
from tests.integration.front_door import Customer
from tests.integration.shop import Shop
from tests.servers.api import api_process
from tests.servers.database_clock import DatabaseClock

LIMIT, ORDERS = 5, 16


async def _codes(settings: Settings, urls: list[str], poses: list[str]) -> list[int]:
    """Of one customer's orders of one picture each, all at once, at every door in turn."""
    async with AsyncExitStack() as stack:
        anns = [Customer.of(settings, url, "ann") for url in urls]
        for ann in anns:
            await stack.enter_async_context(ann.http)
        asked = (anns[n % len(anns)].generate(anns[0].order(poses)) for n in range(ORDERS))
        return sorted(answer.status_code for answer in await asyncio.gather(*asked))


async def test_a_limit_is_shared_by_processes_and_outlives_them(open_shop: Shop) -> None:
    DatabaseClock(open_shop.settings.database_url.get_secret_value())
    settings = open_shop.settings.model_copy(update={"rate_limit_items_per_minute": LIMIT})
    poses = await open_shop.poses(1)
    async with api_process(settings) as first, api_process(settings) as second:
        codes = await _codes(settings, [first, second], poses)
    assert codes == [202] * LIMIT + [429] * (ORDERS - LIMIT)
    async with api_process(settings) as third:
        assert await _codes(settings, [third], poses) == [429] * ORDERS
    await open_shop.books_agree()
