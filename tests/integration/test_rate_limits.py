"""The bucket of a user: exact to the item, by the database's clock, however many take at once."""

import asyncio
from datetime import timedelta

import pytest

from schema.database import Database
from schema.kinds import Role
from schema.queries import rate_limits, users
from schema.queries.rate_limits import Bucket
from tests.orders import sql
from tests.servers.database_clock import DatabaseClock

LIMIT = 600
TICK = timedelta(microseconds=1)


@pytest.fixture
def clock(database_url: str) -> DatabaseClock:
    return DatabaseClock(database_url)


@pytest.fixture
async def buckets(clock: DatabaseClock, database: Database) -> Database:
    async with database.transaction() as session:
        for user in ("ani", "budi"):
            await users.ensure(session, user, Role.USER, 0)
    return database


async def take(database: Database, items: int, user: str = "ani", limit: int = LIMIT) -> Bucket:
    async with database.transaction() as session:
        return await rate_limits.take(session, user, items, limit)


async def test_what_is_taken_is_told(buckets: Database) -> None:
    assert await take(buckets, 50) == Bucket(granted=True, left=550, full_in_s=5)
    assert await take(buckets, 550) == Bucket(granted=True, left=0, full_in_s=60)
    refused = await take(buckets, 1)
    assert (refused.granted, refused.left, refused.full_in_s) == (False, 0, 60)
    assert refused.wait_s == pytest.approx(0.1)


async def test_a_refusal_takes_nothing_and_says_when(buckets: Database, clock: DatabaseClock) -> None:
    await take(buckets, 580)
    refused = await take(buckets, 50)
    assert refused == Bucket(granted=False, left=20, full_in_s=58, wait_s=3)
    clock.move(timedelta(seconds=3) - TICK)
    assert not (await take(buckets, 50)).granted
    clock.move(TICK)
    assert (await take(buckets, 50)).granted


async def test_exactly_as_many_as_fit_however_many_come_at_once(buckets: Database) -> None:
    taken = await asyncio.gather(*(take(buckets, 50) for _ in range(40)))
    assert sum(bucket.granted for bucket in taken) == LIMIT // 50
    assert sorted(bucket.left for bucket in taken if bucket.granted) == list(range(0, LIMIT, 50))
    assert {bucket.left for bucket in taken if not bucket.granted} == {0}


async def test_users_do_not_take_from_each_other(buckets: Database) -> None:
    await take(buckets, LIMIT)
    assert (await take(buckets, LIMIT, "budi")).granted


async def test_it_fills_evenly_and_never_over(buckets: Database, clock: DatabaseClock) -> None:
    await take(buckets, LIMIT)
    clock.move(timedelta(seconds=30))
    assert (await take(buckets, 301)).left == 300
    clock.move(timedelta(days=400))
    assert (await take(buckets, 1)).left == LIMIT - 1


async def test_an_order_larger_than_the_bucket_passes_when_it_is_full(
    buckets: Database, clock: DatabaseClock
) -> None:
    """And leaves a debt: over time nobody gets more than the limit."""
    assert await take(buckets, 500, limit=100) == Bucket(granted=True, left=0, full_in_s=300)
    assert (await take(buckets, 1, limit=100)).wait_s == pytest.approx(240.6)
    clock.move(timedelta(seconds=241))
    assert (await take(buckets, 1, limit=100)).granted
    refused = await take(buckets, 500, limit=100)
    assert not refused.granted
    assert refused.wait_s == pytest.approx(59.6)
    clock.move(timedelta(seconds=59.6))
    assert (await take(buckets, 500, limit=100)).granted


async def test_what_is_given_back_can_be_taken_again(buckets: Database) -> None:
    await take(buckets, LIMIT)
    async with buckets.transaction() as session:
        given = await rate_limits.give_back(session, "ani", 40, LIMIT)
    assert given == Bucket(granted=True, left=40, full_in_s=56)
    assert not (await take(buckets, 41)).granted
    assert (await take(buckets, 40)).granted


async def test_giving_back_what_a_crash_forgot_fills_nothing_over(buckets: Database) -> None:
    async with buckets.transaction() as session:
        given = await rate_limits.give_back(session, "ani", 40, LIMIT)
    assert given == Bucket(granted=True, left=LIMIT, full_in_s=0)
    assert (await take(buckets, 1)).left == LIMIT - 1


async def test_a_transaction_that_fails_has_taken_nothing(buckets: Database) -> None:
    async def take_and_fail() -> None:
        async with buckets.transaction() as session:
            await rate_limits.take(session, "ani", LIMIT, LIMIT)
            raise KeyError

    with pytest.raises(KeyError):
        await take_and_fail()
    assert (await take(buckets, LIMIT)).granted


async def test_a_clock_that_is_set_back_locks_nobody_out_for_long(
    buckets: Database, clock: DatabaseClock
) -> None:
    await take(buckets, 10)
    clock.move(timedelta(days=-1))
    refused = await take(buckets, 1)
    assert not refused.granted
    assert refused.full_in_s == pytest.approx(60 + 50), "a full bucket and the largest order"
    clock.move(timedelta(seconds=refused.wait_s))
    assert (await take(buckets, 1)).granted


async def test_another_limit_reads_the_same_row(buckets: Database) -> None:
    """The setting is changed while a bucket is half empty: what is left is told in the new measure."""
    await take(buckets, 300)
    assert (await take(buckets, 30, limit=60)).left == 0


async def test_one_row_a_user(buckets: Database) -> None:
    for _ in range(5):
        await take(buckets, 1)
    assert await sql(buckets, "SELECT user_id FROM item_buckets") == [("ani",)]
