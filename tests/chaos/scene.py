"""A running stack with a customer: when to strike, and what must be true afterwards."""

import asyncio
import os
import signal
import uuid
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from io import BytesIO

import httpx
from PIL import Image
from pydantic import SecretStr

from adapters.storage.factory import open_storage
from schema import prices
from schema.database import Database
from schema.kinds import GenerationStatus, ItemStatus
from schema.settings import Settings
from tests.chaos.calls import Strike, calls_of, recorded
from tests.eventually import eventually, until
from tests.integration.front_door import Customer
from tests.integration.shop import Shop
from tests.servers.up import SIDE, Up
from workflows.client import connect
from workflows.gateway import GenerationGateway

CREDITS = 10_000
END_WITHIN_S = 90


@dataclass
class Scene:
    up: Up
    shop: Shop
    customer: Customer

    async def order(self, items: int) -> str:
        return await self.customer.start(await self.shop.poses(items))

    async def reached(self, generation_id: str, done: int) -> None:
        look = partial(self.shop.progress, generation_id)
        await eventually(look, lambda seen: seen.completed >= done, within_s=END_WITHIN_S)

    async def held(self, after: int) -> None:
        """No picture comes but those of the first submissions, whatever time a strike takes."""
        await self.released()
        match = {"after": after}
        await self.shop.faults({"kind": "error_503", "stage": "status", "count": None, "match": match})

    async def released(self) -> None:
        await self.shop.sim.delete("/_sim/faults")

    async def frozen(self, generation_id: str, pid: int, *, calls: int = 4) -> Strike:
        """Stop a worker that has at least so many calls under way, all of them recorded.

        A call that the provider has accepted and the server has not heard of is paid twice when its worker
        dies, and nobody could help it; so we look while the process stands still.
        """

        async def try_it() -> Strike | None:
            os.kill(pid, signal.SIGSTOP)
            now, begun = datetime.now(UTC), await calls_of(self.shop.temporal, generation_id, pid)
            known = await recorded(self.shop.temporal, begun)
            if len(begun) >= calls and len(known) == len(begun):
                return Strike(now, known)
            os.kill(pid, signal.SIGCONT)
            return None

        strike = await eventually(try_it, bool, within_s=END_WITHIN_S)
        assert strike
        return strike

    async def killed(self, generation_id: str, done: int) -> Strike:
        """The stack's worker, in the middle of its calls after so many pictures; returns once the supervisor
        has started another. What the dead one was waiting for goes on being held.
        """
        await self.held(done)
        await self.reached(generation_id, done)
        worker = self.up.process("worker-1")
        strike = await self.frozen(generation_id, worker.pid)
        os.kill(worker.pid, signal.SIGKILL)
        await until(lambda: self.up.process("worker-1") != worker)
        return strike

    async def delivers(self, generation_id: str, items: int) -> None:
        """All of it, each item once, paid once; every picture whole; and the books agree."""
        end = await self.shop.settled(generation_id, within_s=END_WITHIN_S)
        assert (end.status, end.completed) == (GenerationStatus.COMPLETED, items)
        rows = await self.shop.items(generation_id)
        assert [row.index for row in rows] == list(range(items))
        assert {row.status for row in rows} == {ItemStatus.COMPLETED}
        await self._pictures_are_whole(generation_id, items)
        balance = (await self.customer.get("/credits"))["balance"]
        assert balance == CREDITS - items * prices.item_price(background=False)
        await self.shop.books_agree()

    async def paid_once(self, items: int) -> None:
        paid = Counter(entry["seed"] for entry in await self.shop.submissions())
        assert paid.total() == len(paid) == items

    async def _pictures_are_whole(self, generation_id: str, items: int) -> None:
        page = await self.customer.get(f"/generations/{generation_id}/results")
        assert len(page["results"]) == items
        async with httpx.AsyncClient() as browser:
            for item in page["results"]:
                assert await _size(browser, item["outputImageUrl"]) == (SIDE, SIDE)
                assert await _size(browser, item["thumbnailUrl"]) == (400, 400)


async def _size(browser: httpx.AsyncClient, url: str) -> tuple[int, int]:
    reply = await browser.get(url)
    assert reply.status_code == 200, reply.text
    picture = await asyncio.to_thread(Image.open, BytesIO(reply.content))
    await asyncio.to_thread(picture.load)
    return picture.size


@asynccontextmanager
async def opened(up: Up, user: str = "", sim_url: str = "") -> AsyncIterator[Scene]:
    """A new customer unless one is named, with a simulator that remembers nothing of others: the stack's own
    unless another plays the real provider.
    """
    stack = up.stack
    settings = Settings(
        _env_file=None,
        database_url=SecretStr(stack.database_url),
        temporal_address=stack.temporal_address,
        jwt_secret=SecretStr(stack.jwt_secret_path.read_text()),
        storage_local_path=stack.storage_path,
        public_base_url=stack.api_url,
    )
    temporal = await connect(settings, lazy=False)
    async with AsyncExitStack() as open_things:
        database = Database(stack.database_url, pool_size=4)
        open_things.push_async_callback(database.close)
        storage = open_storage(settings)
        open_things.push_async_callback(storage.close)
        sim = await open_things.enter_async_context(
            httpx.AsyncClient(base_url=sim_url or stack.simulator_url)
        )
        await sim.delete("/_sim/log")
        shop = Shop(settings, database, temporal, GenerationGateway(temporal), storage, sim)
        if not user:
            user = f"user_{uuid.uuid4().hex}"
            await shop.welcome(user, CREDITS)
        customer = Customer.of(settings, stack.api_url, user)
        await open_things.enter_async_context(customer.http)
        scene = Scene(up, shop, customer)
        await scene.released()
        yield scene
