"""The ledger against a model of it: whatever is done in whatever order, both agree on every credit."""

import asyncio
from dataclasses import dataclass, field
from typing import ClassVar

from hypothesis import settings, strategies
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from ulid import ULID

from schema.database import Database
from schema.errors import InsufficientCredits, QuotaExceeded
from schema.kinds import Role
from schema.messages import GenerationInput
from schema.queries import audit, ledger, users
from schema.queries.delivery import CANCELLED
from schema.tables import Project
from tests.orders import charge, deliver, open_shop, order, refund, settle, user

START_CREDITS = 100
DAILY_QUOTA = 6
INDEXES = strategies.integers(0, 3)


@dataclass
class Paid:
    order: GenerationInput
    by_quota: bool
    delivered: set[int] = field(default_factory=set)
    refunded: set[int] = field(default_factory=set)

    def open(self, index: int) -> bool:
        return index not in self.delivered | self.refunded


class LedgerMachine(RuleBasedStateMachine):
    url: ClassVar[str]
    generations = Bundle("generations")

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.Runner()
        self.database = Database(self.url, pool_size=1)
        self.user = f"user_{ULID()}".lower()
        self.credits = START_CREDITS
        self.quota = 0
        self.unlimited = False

    @initialize()
    def arrive(self) -> None:
        async def arrive() -> None:
            async with self.database.transaction() as session:
                await users.ensure(session, self.user, Role.USER, START_CREDITS)
                session.add(Project(id=f"proj_{self.user}", user_id=self.user, project_name="Shop"))

        self.loop.run(arrive())

    @rule(active=strategies.booleans())
    def change_tier(self, *, active: bool) -> None:
        async def change() -> None:
            async with self.database.transaction() as session:
                await users.set_unlimited(session, self.user, active=active, daily_quota_items=DAILY_QUOTA)

        self.loop.run(change())
        self.unlimited = active

    @rule(amount=strategies.integers(1, 90))
    def grant(self, amount: int) -> None:
        async def grant() -> None:
            async with self.database.transaction() as session:
                await ledger.grant(session, self.user, amount, f"grant {ULID()}", "")

        self.loop.run(grant())
        self.credits += amount

    @rule(target=generations, items=strategies.integers(1, 4), price=strategies.sampled_from([30, 40]))
    def buy(self, items: int, price: int) -> Paid | None:
        of = order(items, user=self.user, price=price)
        affordable = self.quota + items <= DAILY_QUOTA if self.unlimited else items * price <= self.credits
        try:
            self.loop.run(charge(self.database, of))
        except (InsufficientCredits, QuotaExceeded):
            assert not affordable
            return None
        assert affordable
        if self.unlimited:
            self.quota += items
        else:
            self.credits -= items * price
        return Paid(of, self.unlimited)

    @rule(paid=generations)
    def buy_again(self, paid: Paid | None) -> None:
        if paid:
            self.loop.run(charge(self.database, paid.order))

    @rule(paid=generations, index=INDEXES)
    def deliver(self, paid: Paid | None, index: int) -> None:
        if paid and index < paid.order.total_items:
            delivered = self.loop.run(deliver(self.database, paid.order, index))
            assert delivered == (index not in paid.refunded)
            if delivered:
                paid.delivered.add(index)

    @rule(paid=generations, index=INDEXES, code=strategies.sampled_from(["BAD_IMAGE", CANCELLED]))
    def refund(self, paid: Paid | None, index: int, code: str) -> None:
        if paid and index < paid.order.total_items:
            self.loop.run(refund(self.database, paid.order, index, code))
            if paid.open(index):
                self._lose(paid, index)

    @rule(paid=generations, code=strategies.sampled_from([None, CANCELLED, "PROVIDER_ACCOUNT"]))
    def settle(self, paid: Paid | None, code: str | None) -> None:
        if paid:
            settled = self.loop.run(settle(self.database, paid.order, code))
            for index in filter(paid.open, range(paid.order.total_items)):
                self._lose(paid, index)
            assert (settled.completed, settled.failed) == (len(paid.delivered), len(paid.refunded))

    def _lose(self, paid: Paid, index: int) -> None:
        paid.refunded.add(index)
        if paid.by_quota:
            self.quota -= 1
        else:
            self.credits += paid.order.item_price_credits

    @invariant()
    def agrees(self) -> None:
        known = self.loop.run(user(self.database, self.user))
        assert (known.balance_credits, known.unlimited_used_items) == (self.credits, self.quota)

    def teardown(self) -> None:
        async def end() -> list[audit.Finding]:
            async with self.database.transaction() as session:
                findings = await audit.run(session)
            await self.database.close()
            return findings

        assert self.loop.run(end()) == []
        self.loop.close()


def test_the_ledger_agrees_with_its_model(database_url: str) -> None:
    async def open_empty_shop() -> None:
        database = Database(database_url, pool_size=1)
        await open_shop(database)
        await database.close()

    asyncio.run(open_empty_shop())

    class Here(LedgerMachine):
        url = database_url

    run_state_machine_as_test(
        Here,
        settings=settings(max_examples=25, stateful_step_count=25, deadline=None, database=None),
    )
