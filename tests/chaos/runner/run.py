"""One run: customers, blows and mischief as planned, then fair weather, then a look at everything."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import nullcontext, suppress
from typing import Any, Final

import httpx

from cli.up.services import JOURNAL
from schema.reconciling import Reconcile
from tests.chaos.runner import facts as true
from tests.chaos.runner import watch
from tests.chaos.runner.blows import BLOWS, Blow
from tests.chaos.runner.customers import Shopper, patiently
from tests.chaos.runner.facts import Facts, Hit, Struck, Submission
from tests.chaos.runner.plan import Mischief, Plan
from tests.chaos.runner.records import Records
from tests.chaos.runner.stage import FLEET, audit, customers_of
from tests.chaos.scene import opened
from tests.integration.front_door import TERMINAL, Customer
from tests.integration.shop import Shop
from tests.servers.up import Up
from workflows import rounds

SETTLES_WITHIN_S: Final = 300
HEARD_WITHIN_S: Final = 20
LOOK_EVERY_S: Final = 0.5
POSES: Final = 110


class Run:
    def __init__(self, up: Up, shop: Shop, plan: Plan) -> None:
        self._up = up
        self._shop = shop
        self._plan = plan
        self.facts = Facts(FLEET, Records())
        self._began_s = 0.0
        self._storage = asyncio.Lock()

    async def run(self, customers: Sequence[Customer]) -> Facts:
        poses = await self._shop.poses(POSES)
        shoppers = {each.name: Shopper(each, poses, self.facts.records) for each in customers}
        self._began_s = time.monotonic()
        async with asyncio.TaskGroup() as tasks:
            orders = {
                f"order {order.seed} of {order.customer}": asyncio.create_task(
                    self._at(order.at_s, shoppers[order.customer].lives(order))
                )
                for order in self._plan.orders
            }
            watching = [tasks.create_task(work) for each in customers for work in self._watching(each)]
            await self._storm()
            calm_s = time.monotonic()
            await self._settle(orders)
            self.facts.settled_after_s = time.monotonic() - calm_s
            await _soon(self._all_is_heard, HEARD_WITHIN_S)
            for watch_task in watching:
                watch_task.cancel()
        await self._look(customers)
        return self.facts

    async def _at(self, at_s: float, work: Coroutine[Any, Any, None]) -> None:
        await asyncio.sleep(self._began_s + at_s - time.monotonic())
        await work

    def _watching(self, customer: Customer) -> list[Coroutine[Any, Any, None]]:
        records = self.facts.records
        return [watch.watch_ends(customer, records), watch.follow(customer, "", records)]

    async def _storm(self) -> None:
        async with asyncio.TaskGroup() as storm:
            for blow in self._plan.blows:
                storm.create_task(self._at(blow.at_s, self._strike(blow)))
            for mischief in self._plan.mischief:
                storm.create_task(self._at(mischief.at_s, self._misbehave(mischief)))
            storm.create_task(self._at(60 * self._plan.minutes, self._fair_weather()))

    async def _strike(self, blow: Blow) -> None:
        kind = BLOWS[blow.kind]
        async with self._storage if kind.of_storage else nullcontext():
            began = time.time()
            await kind.strike(self._up, blow)
        self.facts.struck.append(Struck(blow, began, time.time()))

    async def _misbehave(self, mischief: Mischief) -> None:
        rule = {
            "kind": mischief.kind,
            "stage": mischief.stage,
            "count": mischief.count,
            "seconds": mischief.seconds,
        }
        with suppress(httpx.TransportError):  # it has just been killed, and would have forgotten it
            await self._shop.faults(rule)

    async def _fair_weather(self) -> None:
        await patiently(lambda: self._shop.sim.delete("/_sim/faults"))

    async def _settle(self, orders: dict[str, asyncio.Task[None]]) -> None:
        await asyncio.wait(orders.values(), timeout=SETTLES_WITHIN_S)
        for who, task in orders.items():
            if not task.done():
                self.facts.waiting.append(who)
                task.cancel()
            elif error := task.exception():
                self.facts.waiting.append(f"{who} ({error!r})")
        await _soon(self._all_is_over, SETTLES_WITHIN_S / 2)

    async def _all_is_over(self) -> bool:
        await true.read_books(self._shop, self.facts)
        ends = [change.ended_at for change in self.facts.changes]
        return all([*ends, *(row.settled_at for row in self.facts.generations.values())])

    async def _all_is_heard(self) -> bool:
        """The customers' own streams never end, so they get a moment to hear the last of it."""
        heard = {
            event.id.partition(":")[0]
            for stream in self.facts.records.streams
            for connection in stream.connections
            for event in connection.events
            if event.type in TERMINAL and not stream.generation_id
        }
        return self.facts.generations.keys() <= heard

    async def _look(self, customers: Sequence[Customer]) -> None:
        self.facts.audit = await audit(self._up)
        for _ in "mark", "sweep":
            order = Reconcile(grace_s=0, orphan_grace_s=0, whole_storage=True)
            await rounds.run_now(self._shop.temporal, order)
        await true.read_books(self._shop, self.facts)
        for each in customers:
            said = (await each.get("/credits"))["balance"]
            self.facts.accounts[each.name] = await true.account(self._shop, each.name, said)
        self.facts.files = await true.files(self._shop)
        for entry in true.journal(self._up.data / JOURNAL):
            match entry:
                case Submission():
                    self.facts.submissions.append(entry)
                case Hit():
                    self.facts.hits.append(entry)


async def _soon(condition: Callable[[], Awaitable[bool]], within_s: float) -> None:
    """Whether it came true in time is for the verdict to say."""
    deadline_s = time.monotonic() + within_s
    while not await condition():
        if time.monotonic() > deadline_s:
            return
        await asyncio.sleep(LOOK_EVERY_S)


async def run(up: Up, plan: Plan) -> Facts:
    """On a stack that was started with OPTIONS and the plan's environment, and has seen nothing else."""
    async with opened(up) as scene, customers_of(scene.shop, up.stack.api_url) as customers:
        return await Run(up, scene.shop, plan).run(customers)
