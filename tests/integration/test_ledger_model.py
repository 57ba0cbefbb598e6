"""The ledger against a model of it: whatever is done, in whatever order, both agree on every credit.

What was paid is the price of what is delivered or still to come; the audit finds nothing.
"""

import asyncio
import logging
from collections.abc import Coroutine
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import hypothesis
import pytest
from hypothesis import strategies
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from ulid import ULID

from schema import database as database_module
from schema.database import Database
from schema.errors import Conflict, InsufficientCredits, NotFound, QuotaExceeded
from schema.kinds import Role
from schema.messages.changes import ChangeOrder
from schema.messages.orders import GenerationInput
from schema.queries import audit, ledger, users
from schema.queries.delivery import CANCELLED
from schema.tables import Project
from tests.clock import Clock
from tests.lots import ENDLESS_EXAMPLES, drawn, new_seed
from tests.orders import (
    change_order,
    charge,
    charge_change,
    complete_change,
    deliver,
    open_shop,
    order,
    refund,
    refund_change,
    settle,
    user,
)
from tests.servers.postgres import Databases

log = logging.getLogger(__name__)

START_CREDITS = 200
DAILY_QUOTA = 6
CHANGE_PRICE = 10
INDEXES = strategies.integers(0, 3)
CODES = strategies.sampled_from(["BAD_IMAGE", CANCELLED])
ENDS = strategies.sampled_from([None, CANCELLED, "PROVIDER_ACCOUNT"])


@dataclass
class Paid:
    order: GenerationInput
    window: int | None
    """Of the quota it was taken from, if it was."""
    delivered: set[int] = field(default_factory=set)
    refunded: set[int] = field(default_factory=set)
    changing: dict[int, "Change"] = field(default_factory=dict)

    def open(self, index: int) -> bool:
        return index not in self.delivered | self.refunded


@dataclass
class Change:
    order: ChangeOrder
    window: int | None


class LedgerMachine(RuleBasedStateMachine):
    databases: ClassVar[Databases]
    clock: ClassVar[Clock]
    audited_every: ClassVar[int]
    steps: ClassVar[int]
    generations = Bundle("generations")

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.Runner()
        self.fresh = self.databases.fresh()  # small ones: each step is followed by an audit of all of it
        self.database = Database(self.fresh.__enter__(), pool_size=4)
        self.user = f"user_{ULID()}".lower()
        self.credits = START_CREDITS
        self.quota = 0
        self.window = 0
        self.window_ends = datetime.min.replace(tzinfo=UTC)
        self.unlimited = False

    @initialize()
    def arrive(self) -> None:
        async def arrive() -> None:
            await open_shop(self.database)
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

    @rule(hours=strategies.sampled_from([1, 13, 25]))
    def time_passes(self, hours: int) -> None:
        self.clock.at += timedelta(hours=hours)

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
        affordable = self._affordable(items, items * price)
        try:
            self.loop.run(charge(self.database, of))
        except (InsufficientCredits, QuotaExceeded):
            assert not affordable
            return None
        assert affordable
        return Paid(of, self._pay(items, items * price))

    @rule(paid=generations, times=strategies.integers(1, 3))
    def buy_again(self, paid: Paid | None, times: int) -> None:
        if paid:
            self._at_once(*(charge(self.database, paid.order) for _ in range(times)))

    @rule(paid=generations, index=INDEXES)
    def deliver(self, paid: Paid | None, index: int) -> None:
        if paid and index < paid.order.total_items:
            (delivered,) = self._at_once(deliver(self.database, paid.order, index))
            assert delivered == (index not in paid.refunded)
            if delivered:
                paid.delivered.add(index)

    @rule(paid=generations, index=INDEXES, code=CODES, times=strategies.integers(1, 3))
    def refund(self, paid: Paid | None, index: int, code: str, times: int) -> None:
        if paid and index < paid.order.total_items:
            self._at_once(*(refund(self.database, paid.order, index, code) for _ in range(times)))
            if paid.open(index):
                self._lose(paid, index)

    @rule(paid=generations, index=INDEXES, code=CODES)
    def deliver_and_refund_at_once(self, paid: Paid | None, index: int, code: str) -> None:
        if paid and index < paid.order.total_items:
            delivered, _ = self._at_once(
                deliver(self.database, paid.order, index), refund(self.database, paid.order, index, code)
            )
            if paid.open(index) and delivered:
                paid.delivered.add(index)
            elif paid.open(index):
                self._lose(paid, index)
            assert delivered == (index in paid.delivered)

    @rule(paid=generations, codes=strategies.lists(ENDS, min_size=1, max_size=3))
    def settle(self, paid: Paid | None, codes: list[str | None]) -> None:
        if paid:
            ends = self._at_once(*(settle(self.database, paid.order, code) for code in codes))
            for index in filter(paid.open, range(paid.order.total_items)):
                self._lose(paid, index)
            assert {(end.completed, end.failed) for end in ends} == {
                (len(paid.delivered), len(paid.refunded))
            }

    @rule(paid=generations, index=INDEXES)
    def change_background(self, paid: Paid | None, index: int) -> None:
        if not paid or index >= paid.order.total_items:
            return
        wanted, affordable = change_order(paid.order, index), self._affordable(1, CHANGE_PRICE)
        changeable = index in paid.delivered and index not in paid.changing
        try:
            self.loop.run(charge_change(self.database, wanted))
        except (Conflict, NotFound):
            assert not changeable
        except (InsufficientCredits, QuotaExceeded):
            assert changeable
            assert not affordable
        else:
            assert changeable
            assert affordable
            paid.changing[index] = Change(wanted, self._pay(1, CHANGE_PRICE))

    @rule(paid=generations, index=INDEXES, done=strategies.booleans(), gives=strategies.integers(0, 2))
    def end_change(self, paid: Paid | None, index: int, *, done: bool, gives: int) -> None:
        """Made, given back, or both at once and more than once: whoever is first decides."""
        change = paid.changing.pop(index, None) if paid else None
        if change is None:
            return
        acts = [complete_change(self.database, change.order)] if done or not gives else []
        ended = self._at_once(*acts, *(refund_change(self.database, change.order) for _ in range(gives)))
        if not (acts and ended[0]):
            self._give_back(change.window, 1, CHANGE_PRICE)

    def _at_once(self, *acts: Coroutine[Any, Any, Any]) -> list[Any]:
        async def all_of_them() -> list[Any]:
            return await asyncio.gather(*acts)

        return self.loop.run(all_of_them())

    def _affordable(self, items: int, credits_needed: int) -> bool:
        if not self.unlimited:
            return credits_needed <= self.credits
        used = self.quota if self.clock.at < self.window_ends else 0
        return used + items <= DAILY_QUOTA

    def _pay(self, items: int, credits_needed: int) -> int | None:
        """The window it was taken from, when it was taken from the quota."""
        if not self.unlimited:
            self.credits -= credits_needed
            return None
        if self.clock.at >= self.window_ends:
            self.quota, self.window = 0, self.window + 1
            self.window_ends = self.clock.at + timedelta(hours=24)
        self.quota += items
        return self.window

    def _give_back(self, window: int | None, items: int, credits_back: int) -> None:
        """Into the same window only."""
        if window is None:
            self.credits += credits_back
        elif window == self.window:
            self.quota -= items

    def _lose(self, paid: Paid, index: int) -> None:
        paid.refunded.add(index)
        self._give_back(paid.window, 1, paid.order.item_price_credits)

    @invariant()
    def agrees(self) -> None:
        known = self.loop.run(user(self.database, self.user))
        assert (known.balance_credits, known.unlimited_used_items) == (self.credits, self.quota)
        type(self).steps += 1
        if self.steps % self.audited_every == 0:
            self._audit()
        if self.steps % 1000 == 0:
            log.warning("%d steps so far", self.steps)

    def _audit(self) -> None:
        async def look() -> list[audit.Finding]:
            async with self.database.snapshot() as session:
                return await audit.run(session)

        assert self.loop.run(look()) == []

    def teardown(self) -> None:
        self._audit()
        self.loop.run(self.database.close())
        self.loop.close()
        self.fresh.__exit__(None, None, None)


def test_the_ledger_agrees_with_its_model(
    postgres_server: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    patient = database_module.SESSION_OPTIONS | {"lock_timeout": "60s"}  # a busy machine is no disagreement
    monkeypatch.setattr(database_module, "SESSION_OPTIONS", patient)

    class Here(LedgerMachine):
        databases = postgres_server
        clock = Clock(monkeypatch, datetime(2026, 11, 25, 9, tzinfo=UTC))
        audited_every = 10 if hypothesis.settings().max_examples == ENDLESS_EXAMPLES else 1
        steps = 0

    hypothesis.seed(new_seed())(Here)
    run_state_machine_as_test(Here, settings=drawn(few=6))
    log.warning("%d steps, audited at each %d.", Here.steps, Here.audited_every)
