"""What PostgreSQL itself refuses, whatever the code above it does. Every attempt is plain SQL."""

import asyncio
from collections.abc import Awaitable

import pytest
from sqlalchemy.exc import DBAPIError, IntegrityError

from schema.database import Database
from schema.messages.orders import GenerationInput
from tests.orders import (
    balance,
    change_order,
    charge,
    charge_change,
    deliver,
    open_shop,
    order,
    refund,
    refund_change,
    settle,
    sql,
)

ENTRY = """
    INSERT INTO credits (user_id, amount_credits, balance_after_credits, type, reference_type, reference_id,
        idempotency_key, description, created_at)
    VALUES (:user, :amount, 0, :type, 'generation', :reference, :key, '', now())
"""


async def entry(
    database: Database, amount: int, kind: str, key: str, *, reference: str = "gen_x", user: str = "ani"
) -> None:
    await sql(database, ENTRY, user=user, amount=amount, type=kind, reference=reference, key=key)


async def refused(attempt: Awaitable[object], constraint: str) -> None:
    with pytest.raises(DBAPIError) as caught:
        await attempt
    assert caught.value.orig is not None
    assert caught.value.orig.diag.constraint_name == constraint  # type: ignore[attr-defined] # psycopg's


@pytest.fixture
async def shop(database: Database) -> Database:
    await open_shop(database, "ani", "budi", credits_each=100)
    return database


@pytest.fixture
async def paid(shop: Database) -> GenerationInput:
    """Two items: 60 of 100 credits."""
    bought = order(2)
    await charge(shop, bought)
    return bought


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


@pytest.mark.parametrize(
    "change",
    [
        "item_price_credits = 1",
        "credit_charged = 0",
        "quota_charged = 2",
        "total_expected_poses = 3",
        "user_id = 'budi'",
    ],
)
async def test_what_was_paid_for_does_not_change(shop: Database, paid: GenerationInput, change: str) -> None:
    await refused(sql(shop, f"UPDATE pose_generations SET {change}"), "paid_is_final")


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("poses_completed = 3", "counts_fit"),
        ("poses_failed = -1", "poses_failed_least"),
        ("credit_refunded = 61", "refund_within_charge"),
        ("quota_returned = 1", "quota_within_charge"),
        ("status = 'completed'", "settled_is_terminal"),
        ("settled_at = now(), poses_failed = 2, credit_refunded = 60", "settled_is_terminal"),
        (
            "status = 'partial', settled_at = now(), poses_completed = 1, credit_refunded = 30",
            "settled_is_whole",
        ),
        ("status = 'partial', settled_at = now(), poses_completed = 1, poses_failed = 1", "settled_is_fair"),
        (
            "status = 'lost', settled_at = now(), poses_failed = 2, credit_refunded = 60",
            "status_known",
        ),
    ],
)
async def test_a_generation_always_adds_up(
    shop: Database, paid: GenerationInput, change: str, constraint: str
) -> None:
    await refused(sql(shop, f"UPDATE pose_generations SET {change}"), constraint)


@pytest.mark.parametrize(
    "change",
    [
        "status = 'failed'",
        "settled_at = NULL, status = 'processing'",
        "poses_completed = 1, poses_failed = 1, credit_refunded = 30",
        "error_code = 'X'",
        "progress_version = 99",
    ],
)
async def test_a_settled_generation_does_not_change(
    shop: Database, paid: GenerationInput, change: str
) -> None:
    await deliver(shop, paid, 0)
    await deliver(shop, paid, 1)
    await settle(shop, paid)
    await refused(sql(shop, f"UPDATE pose_generations SET {change}"), "settled_is_final")
    await sql(shop, "UPDATE pose_generations SET avatar_id = NULL, generated_pose_structure = '{}'")


async def test_a_running_generation_is_kept_and_a_settled_one_goes_with_its_items(
    shop: Database, paid: GenerationInput
) -> None:
    await deliver(shop, paid, 0)
    await refused(sql(shop, "DELETE FROM pose_generations"), "running_is_kept")
    await refused(sql(shop, "DELETE FROM pose_generator_projects"), "running_is_kept")
    await settle(shop, paid)
    await sql(shop, "DELETE FROM pose_generator_projects")
    assert await sql(shop, "SELECT id FROM generated_poses UNION SELECT id FROM pose_generations") == []


async def test_a_pending_background_change_is_kept_and_an_ended_one_goes_with_its_picture(
    shop: Database, paid: GenerationInput
) -> None:
    await deliver(shop, paid, 0)
    await settle(shop, paid)
    wanted = change_order(paid)
    await charge_change(shop, wanted)
    for table in ("background_changes", "pose_generations", "pose_generator_projects"):
        await refused(sql(shop, f"DELETE FROM {table}"), "pending_is_kept")
    await refund_change(shop, wanted)
    await sql(shop, "DELETE FROM pose_generator_projects")
    assert await sql(shop, "SELECT id FROM background_changes") == []


@pytest.mark.parametrize(
    "change",
    [
        "status = 'failed', error_code = 'X', image_key = NULL",
        "index = 1",
        "generation_id = 'gen_x'",
        "id = 'item_x'",
        "credit_refunded = 30",
    ],
)
async def test_the_fate_of_an_item_does_not_change(
    shop: Database, paid: GenerationInput, change: str
) -> None:
    await deliver(shop, paid, 0)
    await refused(sql(shop, f"UPDATE generated_poses SET {change}"), "fate_is_final")
    await sql(shop, "UPDATE generated_poses SET is_favorite = true, image_key = 'generated/other.png'")


async def test_an_item_goes_only_with_its_generation(shop: Database, paid: GenerationInput) -> None:
    await refund(shop, paid, 0)
    await refused(sql(shop, "DELETE FROM generated_poses"), "fate_is_kept")


async def test_an_item_is_delivered_or_refunded(shop: Database, paid: GenerationInput) -> None:
    row = """
        INSERT INTO generated_poses (id, generation_id, index, position, variation, status, attempt, exports,
            image_key, error_code, credit_refunded, is_favorite, download_count, created_at)
        VALUES ('item', :generation, :index, 0, 0, :status, 1, '{}', :key, :code, :refund, false, 0, now())
    """
    values = {"generation": paid.generation_id, "index": 0, "key": None, "code": None, "refund": 0}
    await refused(sql(shop, row, **values | {"status": "completed"}), "delivered_has_picture")
    await refused(sql(shop, row, **values | {"status": "failed"}), "failed_has_code")
    delivered = values | {"status": "completed", "key": "generated/1.png"}
    await refused(sql(shop, row, **delivered | {"refund": 30}), "delivered_not_refunded")
    await refused(sql(shop, row, **delivered | {"index": 500}), "index_range")
    await refused(sql(shop, row, **delivered | {"generation": "x"}), "generated_poses_generation_id_fkey")
    await sql(shop, row, **delivered)
    await refused(sql(shop, row, **delivered), "generated_poses_pkey")


async def test_deleting_poses_and_avatars_keeps_what_was_made_of_them(shop: Database) -> None:
    bought = order(1, avatar_id="avt_ani")
    await charge(shop, bought)
    await deliver(shop, bought, 0)
    await settle(shop, bought)
    await sql(shop, "DELETE FROM pose_library")
    await sql(shop, "DELETE FROM avatars")
    assert await sql(shop, "SELECT pose_id FROM generated_poses") == [(None,)]
    assert await sql(shop, "SELECT name, pose_id FROM pose_selections") == [("Pose_Bow", None)]
    assert await sql(shop, "SELECT avatar_id FROM pose_generations") == [(None,)]


async def test_search_and_popularity_are_kept_by_the_database(shop: Database) -> None:
    await sql(
        shop, "UPDATE pose_library SET tags = '{product-holding}', favorite_count = 2 WHERE id = 'pose_sit'"
    )
    found = """
        SELECT id, popularity_score FROM pose_library
        WHERE search @@ websearch_to_tsquery('simple', 'holding') OR name % 'pose sid'
        ORDER BY popularity_score DESC
    """
    assert (await sql(shop, found))[0] == ("pose_sit", 10.0)
