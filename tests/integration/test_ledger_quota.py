"""Quota of unlimited users: in place of credits, never overdrawn, given back within its window only."""

import asyncio
from datetime import timedelta

import pytest

from schema.database import Database
from schema.errors import QuotaExceeded
from schema.messages.orders import ChargeReceipt
from schema.queries import delivery, quota, users
from schema.tables.columns import now
from tests.integration.ledger_users import entries, shop
from tests.orders import balance, charge, generation, order, refund, settle, sql, user

__all__ = ["shop"]

HOUR = timedelta(hours=1)


async def unlimited(database: Database, daily_quota_items: int = 5) -> None:
    async with database.transaction() as session:
        await users.set_unlimited(session, "ani", active=True, daily_quota_items=daily_quota_items)


async def end_window(database: Database) -> None:
    await sql(
        database, "UPDATE users SET unlimited_window_ends_at = now() - interval '1 second' WHERE id = 'ani'"
    )


async def test_unlimited_users_pay_with_quota_and_never_with_credits(shop: Database) -> None:
    await unlimited(shop)
    receipt = await charge(shop, order(4))
    assert (receipt.credits_charged, receipt.quota_charged) == (0, 4)
    with pytest.raises(QuotaExceeded, match="Required: 2, Available: 1") as caught:
        await charge(shop, order(2))
    assert caught.value.retry_after_s == pytest.approx(24 * 3600, abs=30)
    assert (await balance(shop), (await user(shop)).unlimited_used_items) == (300, 4)
    await charge(shop, order(1))


async def test_quota_raced_is_never_overdrawn(shop: Database) -> None:
    await unlimited(shop)
    outcomes = await asyncio.gather(*[charge(shop, order(2)) for _ in range(10)], return_exceptions=True)
    assert sum(isinstance(outcome, ChargeReceipt) for outcome in outcomes) == 2
    assert sum(isinstance(outcome, QuotaExceeded) for outcome in outcomes) == 8
    assert (await user(shop)).unlimited_used_items == 4


async def test_a_refused_order_begins_no_window(shop: Database) -> None:
    await unlimited(shop)
    with pytest.raises(QuotaExceeded):
        await charge(shop, order(6))
    assert (await user(shop)).unlimited_window_ends_at is None


async def test_the_window_begins_with_its_first_use_and_the_next_one_is_fresh(shop: Database) -> None:
    await unlimited(shop)
    await charge(shop, order(5))
    first = (await user(shop)).unlimited_window_ends_at
    await end_window(shop)
    assert quota.used_items(await user(shop), now()) == 0
    await charge(shop, order(3))
    second = await user(shop)
    assert first is not None
    assert second.unlimited_window_ends_at is not None
    assert first < second.unlimited_window_ends_at < now() + quota.WINDOW
    assert second.unlimited_used_items == 3


async def test_quota_comes_back_but_not_into_a_later_window(shop: Database) -> None:
    await unlimited(shop)
    early = order(4)
    await charge(shop, early)
    assert await refund(shop, early, 0) == 0
    assert await refund(shop, early, 0) == 0
    assert (await user(shop)).unlimited_used_items == 3
    await end_window(shop)
    late = order(2)
    await charge(shop, late)
    await refund(shop, early, 1)
    await settle(shop, early, "PROVIDER_ACCOUNT")
    assert (await user(shop)).unlimited_used_items == 2
    row = await generation(shop, early)
    assert (row.quota_charged, row.quota_returned, row.poses_failed) == (4, 1, 4)
    assert (await settle(shop, late, delivery.CANCELLED)).credits_refunded == 0
    assert (await user(shop)).unlimited_used_items == 0
    assert await entries(shop) == [("grant", 300, "signup:ani")]


@pytest.mark.parametrize(("active", "expires_in"), [(False, HOUR), (True, -HOUR)])
async def test_without_a_valid_tier_credits_are_taken(
    shop: Database, *, active: bool, expires_in: timedelta
) -> None:
    async with shop.transaction() as session:
        await users.set_unlimited(session, "ani", active=active, expires_at=now() + expires_in)
    assert (await charge(shop, order())).credits_charged == 30


async def test_a_tier_that_ends_later_is_valid(shop: Database) -> None:
    async with shop.transaction() as session:
        await users.set_unlimited(session, "ani", active=True, expires_at=now() + HOUR)
    assert (await charge(shop, order())).quota_charged == 1
