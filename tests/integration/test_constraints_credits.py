"""What PostgreSQL itself refuses of credits, whatever the code above it does. Every attempt is plain SQL."""

import asyncio

import pytest
from sqlalchemy.exc import IntegrityError

from schema.database import Database
from tests.integration.refused_sql import refused, shop
from tests.orders import balance, sql

__all__ = ["shop"]

ENTRY = """
    INSERT INTO credits (user_id, amount_credits, balance_after_credits, type, reference_type, reference_id,
        idempotency_key, description, created_at)
    VALUES (:user, :amount, 0, :type, 'generation', :reference, :key, '', now())
"""


async def entry(
    database: Database, amount: int, kind: str, key: str, *, reference: str = "gen_x", user: str = "ani"
) -> None:
    await sql(database, ENTRY, user=user, amount=amount, type=kind, reference=reference, key=key)


async def test_entries_move_the_balance_and_know_it(shop: Database) -> None:
    await entry(shop, -30, "charge", "a")
    await entry(shop, 5, "grant", "b")
    rows = await sql(shop, "SELECT balance_after_credits FROM credits WHERE user_id = 'ani' ORDER BY id")
    assert rows == [(100,), (70,), (75,)]
    assert await balance(shop) == 75
    assert await balance(shop, "budi") == 100


async def test_one_statement_may_bring_many_entries(shop: Database) -> None:
    many = """
        INSERT INTO credits (user_id, amount_credits, balance_after_credits, type, reference_type,
            reference_id, idempotency_key, description, created_at)
        SELECT CASE n % 2 WHEN 0 THEN 'ani' ELSE 'budi' END, n, 999, 'grant', 'user',
            'x', 'many' || n, '', now()
        FROM generate_series(1, 6) AS n
    """
    await sql(shop, many)
    rows = await sql(
        shop,
        "SELECT user_id, balance_after_credits FROM credits WHERE reference_id = 'x' ORDER BY user_id, id",
    )
    assert rows == [("ani", 102), ("ani", 106), ("ani", 112), ("budi", 101), ("budi", 104), ("budi", 109)]
    assert (await balance(shop), await balance(shop, "budi")) == (112, 109)


async def test_no_balance_below_zero(shop: Database) -> None:
    await refused(entry(shop, -101, "charge", "a"), "balance_after_credits_least")
    assert await balance(shop) == 100


async def test_nobody_else_moves_a_balance(shop: Database) -> None:
    await refused(
        sql(shop, "UPDATE users SET balance_credits = 1 WHERE id = 'ani'"), "balance_moves_by_entries"
    )
    new = """
        INSERT INTO users (id, role, is_premium, balance_credits, unlimited_pose_active,
            unlimited_daily_quota_items, unlimited_used_items, created_at)
        VALUES ('new', 'user', false, 5, false, 0, 0, now())
    """
    await refused(sql(shop, new), "balance_begins_empty")
    await sql(shop, "UPDATE users SET is_premium = true WHERE id = 'ani'")


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        ("UPDATE credits SET description = 'x'", "entries_are_final"),
        ("DELETE FROM credits", "entries_are_final"),
        ("TRUNCATE credits", "entries_are_kept"),
        ("TRUNCATE users CASCADE", "entries_are_kept"),
        ("DELETE FROM users", "credits_user_id_fkey"),
    ],
)
async def test_entries_are_for_ever(shop: Database, statement: str, constraint: str) -> None:
    await refused(sql(shop, statement), constraint)


async def test_a_key_stands_for_one_entry(shop: Database) -> None:
    await entry(shop, 5, "grant", "same")
    await refused(entry(shop, 5, "grant", "same", user="budi"), "credits_idempotency_key_key")
    assert await balance(shop, "budi") == 100


async def test_an_entry_that_is_not_inserted_moves_nothing(shop: Database) -> None:
    await entry(shop, 5, "grant", "same")
    values = {"user": "ani", "amount": 5, "type": "grant", "reference": "x", "key": "same"}
    await sql(shop, f"{ENTRY} ON CONFLICT DO NOTHING", **values)
    assert await balance(shop) == 105


@pytest.mark.parametrize(
    ("amount", "kind", "constraint"),
    [
        (0, "adjustment", "amount_not_zero"),
        (5, "charge", "charge_takes"),
        (-5, "grant", "refund_gives"),
        (-5, "refund", "refund_gives"),
        (5, "gift", "type_known"),
    ],
)
async def test_kinds_of_entries_have_their_sign(
    shop: Database, amount: int, kind: str, constraint: str
) -> None:
    await refused(entry(shop, amount, kind, "a"), constraint)


async def test_refunds_never_exceed_the_charge(shop: Database) -> None:
    await entry(shop, -50, "charge", "charge", reference="gen_1")
    await entry(shop, 30, "refund", "refund 1", reference="gen_1")
    await refused(entry(shop, 21, "refund", "refund 2", reference="gen_1"), "refund_within_charge")
    await refused(entry(shop, 1, "refund", "refund 3", reference="gen_2"), "refund_within_charge")
    await refused(
        entry(shop, 1, "refund", "refund 4", reference="gen_1", user="budi"), "refund_within_charge"
    )
    await entry(shop, 20, "refund", "refund 5", reference="gen_1")
    assert await balance(shop) == 100


async def test_not_even_refunds_at_the_same_moment(shop: Database) -> None:
    await entry(shop, -50, "charge", "charge", reference="gen_1")
    attempts = [entry(shop, 10, "refund", f"refund {n}", reference="gen_1") for n in range(15)]
    outcomes = await asyncio.gather(*attempts, return_exceptions=True)
    assert sum(outcome is None for outcome in outcomes) == 5
    assert all(outcome is None or isinstance(outcome, IntegrityError) for outcome in outcomes)
    assert await balance(shop) == 100
