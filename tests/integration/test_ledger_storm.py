"""The ledger in a storm: many connections, locks that are not had in time, cuts at any moment.

Whoever was cut off does not know whether it counted, and simply tries again, as Temporal does. Afterwards
everything counted once.
"""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field

import hypothesis
import psycopg
import pytest

from schema import database as database_module
from schema.database import Database
from schema.errors import InsufficientCredits, NotFound, Unavailable
from schema.messages.orders import GenerationInput
from schema.queries import audit, ledger
from schema.queries.delivery import CANCELLED
from tests.lots import LONG_EXAMPLES, new_seed
from tests.orders import PRICE, charge, deliver, open_shop, order, refund, settle, sql

log = logging.getLogger(__name__)

USERS = tuple(f"user{n}" for n in range(6))
CONNECTIONS = 16
FEW, MANY, ENDLESS = 600, 4_000, 20_000
ITEMS = 4
LOCK_TIMEOUT = "100ms"
CUT_EVERY_S = 0.05
HELD_S = 0.15

CUT = """
    SELECT pg_terminate_backend(pid) FROM (
        SELECT pid FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = 'posegen' AND state <> 'idle'
        ORDER BY random() LIMIT 1) AS unlucky
"""
SUMS = """
    SELECT u.id, u.balance_credits, sum(c.amount_credits) FILTER (WHERE c.type = 'grant'),
        (SELECT coalesce(sum(g.item_price_credits * (g.total_expected_poses - g.poses_failed)), 0)
         FROM pose_generations g WHERE g.user_id = u.id)
    FROM users u JOIN credits c ON c.user_id = u.id GROUP BY u.id
"""
CHARGES = "SELECT reference_id, count(*), sum(amount_credits) FROM credits WHERE type = 'charge' GROUP BY 1"


@dataclass
class Storm:
    database: Database
    dice: random.Random
    orders: list[GenerationInput] = field(default_factory=list)
    granted: dict[str, int] = field(default_factory=lambda: dict.fromkeys(USERS, 0))
    told_delivered: set[tuple[str, int]] = field(default_factory=set)
    done: int = 0
    cut: int = 0

    async def rage(self, steps: int) -> None:
        async def sail() -> None:
            while self.done < steps:
                self.done += 1
                await self._act()

        await asyncio.gather(*(sail() for _ in range(CONNECTIONS)))

    async def insist(self, act: Callable[[], Awaitable[object]]) -> object:
        while True:
            try:
                return await act()
            except Unavailable:
                self.cut += 1
                await asyncio.sleep(self.dice.uniform(0, 0.05))

    async def _act(self) -> None:
        known = self.dice.choice(self.orders) if self.orders else None
        acts = [self._grant, self._buy]
        if known:
            acts += [lambda: self._buy_again(known), lambda: self._end(known)]
            acts += [lambda: self._deliver(known), lambda: self._refund(known)] * 3
        with suppress(NotFound):  # an order that was refused has nothing to deliver
            await self.dice.choice(acts)()

    async def _grant(self) -> None:
        user, amount, key = self.dice.choice(USERS), self.dice.randint(1, 200), f"grant:{self.done}"
        self.granted[user] += amount

        async def grant() -> None:
            async with self.database.transaction() as session:
                await ledger.grant(session, user, amount, key, "")

        await self.insist(grant)

    async def _buy(self) -> None:
        """Nothing else is done with an order before its charge has ended, one way or the other."""
        wanted = order(self.dice.randint(1, ITEMS), user=self.dice.choice(USERS))
        await self._buy_again(wanted)
        self.orders.append(wanted)

    async def _buy_again(self, wanted: GenerationInput) -> None:
        with suppress(InsufficientCredits):
            await self.insist(lambda: charge(self.database, wanted))

    async def _deliver(self, of: GenerationInput) -> None:
        index = self.dice.randrange(of.total_items)
        if await self.insist(lambda: deliver(self.database, of, index)):
            self.told_delivered.add((of.generation_id, index))

    async def _refund(self, of: GenerationInput) -> None:
        index = self.dice.randrange(of.total_items)
        await self.insist(lambda: refund(self.database, of, index, CANCELLED))

    async def _end(self, of: GenerationInput) -> None:
        await self.insist(lambda: settle(self.database, of))


async def cut_connections(url: str) -> None:
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as operator:
        while True:
            await operator.execute(CUT)
            await asyncio.sleep(CUT_EVERY_S)


async def hold_users(url: str) -> None:
    """Longer than anybody waits for a lock."""
    async with await psycopg.AsyncConnection.connect(url) as slow:
        while True:
            await slow.execute("SELECT id FROM users WHERE id = %s FOR UPDATE", [random.choice(USERS)])
            await asyncio.sleep(HELD_S)
            await slow.rollback()
            await asyncio.sleep(HELD_S)


def steps() -> int:
    asked = hypothesis.settings().max_examples
    return FEW if asked < LONG_EXAMPLES else MANY if asked == LONG_EXAMPLES else ENDLESS


async def test_everything_counts_once_in_a_storm(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    limits = database_module.SESSION_OPTIONS | {"lock_timeout": LOCK_TIMEOUT}
    monkeypatch.setattr(database_module, "SESSION_OPTIONS", limits)
    database = Database(database_url, pool_size=CONNECTIONS)
    await open_shop(database, *USERS)
    storm = Storm(database, random.Random(new_seed()))
    trouble = [asyncio.create_task(act(database_url)) for act in (cut_connections, hold_users)]
    await storm.rage(steps())
    for task in trouble:
        task.cancel()
    await asyncio.gather(*trouble, return_exceptions=True)
    log.warning("%d acts, %d of them cut off and tried again", storm.done, storm.cut)
    assert storm.cut > 10, "there was no storm"
    await agrees(storm)
    await database.close()


async def agrees(storm: Storm) -> None:
    async with storm.database.snapshot() as session:
        assert await audit.run(session) == []
    for user, balance, granted, kept in await sql(storm.database, SUMS):
        assert granted == storm.granted[user]
        assert balance == granted - kept >= 0
    charges = await sql(storm.database, CHARGES)
    items = {of.generation_id: of.total_items for of in storm.orders}
    assert [row for row in charges if row[1:] != (1, -PRICE * items[row[0]])] == []
    delivered = await sql(
        storm.database, "SELECT generation_id, index FROM generated_poses WHERE status = 'completed'"
    )
    assert storm.told_delivered <= set(delivered), "what was once said to be delivered stays it"
    deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
    assert await sql(storm.database, deadlocks) == [(0,)]
