"""What PostgreSQL keeps of generations, items and poses, whatever the code above does, tried in plain SQL."""

import pytest

from schema.database import Database
from schema.messages.orders import GenerationInput
from tests.integration.refused_sql import refused, shop
from tests.orders import (
    change_order,
    charge,
    charge_change,
    deliver,
    order,
    refund,
    refund_change,
    settle,
    sql,
)

__all__ = ["shop"]


@pytest.fixture
async def paid(shop: Database) -> GenerationInput:
    """Two items: 60 of 100 credits."""
    bought = order(2)
    await charge(shop, bought)
    return bought


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
