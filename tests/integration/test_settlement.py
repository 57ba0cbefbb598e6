"""The end of a generation: whole, fair, and the same however often and however raced."""

import asyncio

import pytest
from sqlalchemy import text

from schema.database import Database
from schema.errors import NotFound
from schema.kinds import GenerationStatus, ItemStatus
from schema.messages.fates import ItemOutcome, Settlement
from schema.messages.orders import GenerationInput, PosePick
from schema.queries import audit, progress
from schema.queries.delivery import CANCELLED
from tests.eventually import eventually
from tests.orders import (
    POSES,
    balance,
    charge,
    deliver,
    generation,
    open_shop,
    order,
    refund,
    settle,
    sql,
)


@pytest.fixture
async def shop(database: Database) -> Database:
    await open_shop(database, "ani", "budi", credits_each=600)
    return database


@pytest.fixture
async def bought(shop: Database) -> GenerationInput:
    """Four items: three of one pose, one of another."""
    picks = (PosePick(pose_id=POSES[2], variations=3), PosePick(pose_id=POSES[0], variations=1))
    of = order(picks=picks, avatar_id="avt_ani")
    await charge(shop, of)
    return of


def fates(settled: Settlement) -> list[tuple[int, str, int]]:
    return [(item.index, item.status, item.version) for item in settled.items]


async def at_peace(database: Database) -> bool:
    async with database.snapshot() as session:
        return await audit.run(session) == []


async def test_all_delivered(shop: Database, bought: GenerationInput) -> None:
    for index in range(4):
        await deliver(shop, bought, index)
    settled = await settle(shop, bought, versions={0: 2, 1: 3, 2: 5, 3: 4}, next_version=6)
    assert settled == Settlement(
        status=GenerationStatus.COMPLETED, completed=4, failed=0, credits_refunded=0, items=(), version=6
    )
    row = await generation(shop, bought)
    assert (row.status, row.error_code, row.progress_version) == ("completed", None, 6)
    assert row.settled_at is not None
    versions = await sql(shop, "SELECT index, version FROM generated_poses ORDER BY index")
    assert versions == [(0, 2), (1, 3), (2, 5), (3, 4)]
    assert await balance(shop) == 480


async def test_what_is_missing_is_refunded_once(shop: Database, bought: GenerationInput) -> None:
    await deliver(shop, bought, 1)
    await refund(shop, bought, 2)
    settled = await settle(shop, bought, "PROVIDER_ACCOUNT", versions={1: 2}, next_version=7)
    assert (settled.status, settled.completed, settled.failed) == (GenerationStatus.PARTIAL, 1, 3)
    assert fates(settled) == [(0, "failed", 7), (2, "failed", 8), (3, "failed", 9)]
    assert (settled.version, settled.credits_refunded) == (10, 90)
    assert [item.error_code for item in settled.items] == [
        "PROVIDER_ACCOUNT",
        "BAD_IMAGE",
        "PROVIDER_ACCOUNT",
    ]
    refunds = await sql(
        shop, "SELECT amount_credits, idempotency_key FROM credits WHERE type = 'refund' ORDER BY id"
    )
    of = bought.generation_id
    assert refunds == [(30, f"refund:{of}:2"), (60, f"refund:{of}:rest")]
    assert await balance(shop) == 570
    assert await at_peace(shop)


async def test_missing_items_keep_their_place(shop: Database, bought: GenerationInput) -> None:
    await settle(shop, bought, CANCELLED)
    rows = await sql(
        shop, "SELECT index, position, variation, pose_id, id FROM generated_poses ORDER BY index"
    )
    stem = bought.generation_id.removeprefix("gen_")
    assert rows == [
        (0, 0, 0, "pose_sit", f"item_{stem}_000"),
        (1, 0, 1, "pose_sit", f"item_{stem}_001"),
        (2, 0, 2, "pose_sit", f"item_{stem}_002"),
        (3, 1, 0, "pose_bow", f"item_{stem}_003"),
    ]


@pytest.mark.parametrize(
    ("delivered", "error_code", "status", "code"),
    [
        (4, None, "completed", None),
        (4, CANCELLED, "completed", None),
        (2, CANCELLED, "cancelled", CANCELLED),
        (0, CANCELLED, "cancelled", CANCELLED),
        (1, "PROVIDER_ACCOUNT", "partial", "PROVIDER_ACCOUNT"),
        (0, "PROVIDER_ACCOUNT", "failed", "PROVIDER_ACCOUNT"),
        (0, None, "failed", "INTERNAL"),
    ],
)
async def test_the_final_status(
    shop: Database,
    bought: GenerationInput,
    *,
    delivered: int,
    error_code: str | None,
    status: str,
    code: str | None,
) -> None:
    for index in range(delivered):
        await deliver(shop, bought, index)
    settled = await settle(shop, bought, error_code)
    row = await generation(shop, bought)
    assert (settled.status, row.status, row.error_code) == (status, status, code)
    assert await balance(shop) == 600 - 30 * delivered
    assert await at_peace(shop)


async def test_a_cancellation_after_all_had_their_fate_is_none(
    shop: Database, bought: GenerationInput
) -> None:
    for index in range(3):
        await deliver(shop, bought, index)
    await refund(shop, bought, 3, "BAD_IMAGE")
    settled = await settle(shop, bought, CANCELLED)
    assert (settled.status, (await generation(shop, bought)).error_code) == ("partial", "BAD_IMAGE")


async def test_items_refunded_one_by_one_fail_the_generation(shop: Database, bought: GenerationInput) -> None:
    for index, code in enumerate(["BAD_IMAGE", "PROVIDER_TIMEOUT", "BAD_IMAGE", "OUTPUT_MODERATED"]):
        await refund(shop, bought, index, code)
    settled = await settle(shop, bought, versions={0: 1, 1: 2, 2: 3, 3: 4}, next_version=5)
    assert (settled.status, settled.items, settled.credits_refunded) == ("failed", (), 120)
    assert (await generation(shop, bought)).error_code == "BAD_IMAGE"
    assert await balance(shop) == 600


async def test_settling_again_answers_the_same(shop: Database, bought: GenerationInput) -> None:
    await deliver(shop, bought, 0)
    first = await settle(shop, bought, CANCELLED, {0: 2}, 3)
    assert await settle(shop, bought, CANCELLED, {0: 2}, 3) == first
    by_reconcile = await settle(shop, bought, "INTERNAL", {}, 1)
    assert (by_reconcile.status, by_reconcile.version) == (first.status, first.version)
    assert await balance(shop) == 570


async def test_settling_raced_is_settling_once(shop: Database, bought: GenerationInput) -> None:
    settled = await asyncio.gather(*[settle(shop, bought, CANCELLED, {}, 3) for _ in range(8)])
    assert len(set(settled)) == 1
    assert await balance(shop) == 600
    counts = await sql(
        shop, "SELECT total_generations, total_poses FROM pose_generator_projects WHERE user_id = 'ani'"
    )
    assert counts == [(1, 0)]


async def test_deliveries_raced_with_the_end_are_kept_or_refunded(shop: Database) -> None:
    of = order(12)
    await charge(shop, of)
    attempts = [deliver(shop, of, index) for index in range(12)]
    *delivered, settled = await asyncio.gather(*attempts, settle(shop, of, CANCELLED))
    row = await generation(shop, of)
    assert row.poses_completed == sum(answer is True for answer in delivered)
    assert await balance(shop) == 600 - 30 * row.poses_completed
    assert isinstance(settled, Settlement)
    assert settled.completed == row.poses_completed
    late = await asyncio.gather(*[deliver(shop, of, index) for index in range(12)])
    assert late == delivered
    assert await at_peace(shop)


async def test_everything_at_once(shop: Database) -> None:
    """Deliveries, refunds and two ends of six generations of two users: no deadlock, and all adds up."""
    orders = [order(3, user=name) for name in ("ani", "budi") for _ in range(3)]
    await asyncio.gather(*[charge(shop, of) for of in orders])
    acts = [act(shop, of, index) for of in orders for index in range(3) for act in (deliver, refund)]
    ends = [settle(shop, of, code) for of in orders for code in (CANCELLED, "PROVIDER_ACCOUNT")]
    await asyncio.gather(*acts, *ends)
    assert await at_peace(shop)
    assert await sql(shop, "SELECT count(*) FROM pose_generations WHERE settled_at IS NULL") == [(0,)]


async def test_what_a_delivered_generation_adds_elsewhere(shop: Database, bought: GenerationInput) -> None:
    for index in (0, 1, 3):
        await deliver(shop, bought, index)
    await settle(shop, bought, "BAD_IMAGE")
    await settle(shop, bought, "BAD_IMAGE")
    assert await sql(
        shop, "SELECT total_generations, total_poses FROM pose_generator_projects WHERE user_id = 'ani'"
    ) == [(1, 3)]
    assert await sql(shop, "SELECT usage_count FROM avatars WHERE user_id = 'ani'") == [(1,)]
    used = await sql(shop, "SELECT avatar_id, generation_id FROM avatar_usage_history")
    assert used == [("avt_ani", bought.generation_id)]
    poses = await sql(shop, "SELECT id, usage_count, popularity_score FROM pose_library ORDER BY id")
    assert poses == [("pose_bow", 1, 1.0), ("pose_jump", 0, 0.0), ("pose_sit", 2, 2.0)]


async def test_poses_are_locked_in_one_order(shop: Database, bought: GenerationInput) -> None:
    """Its own poses come in the other order: locked so, two generations could wait for each other."""
    for index in range(4):
        await deliver(shop, bought, index)
    waiting = """
        SELECT count(*) FROM pg_stat_activity
        WHERE wait_event_type = 'Lock' AND datname = current_database()
    """
    lock = "SELECT id FROM pose_library WHERE id = :pose FOR NO KEY UPDATE NOWAIT"
    async with shop.transaction() as session:
        connection = await session.connection()
        await connection.execute(text(lock), {"pose": "pose_bow"})
        settling = asyncio.create_task(settle(shop, bought))
        await eventually(lambda: sql(shop, waiting), lambda rows: rows == [(1,)])
        await connection.execute(text(lock), {"pose": "pose_sit"})
    assert (await settling).completed == 4


async def test_nothing_to_settle(shop: Database) -> None:
    with pytest.raises(NotFound):
        await settle(shop, order())


async def test_progress_while_it_runs_knows_the_fates_but_no_versions(
    shop: Database, bought: GenerationInput
) -> None:
    await deliver(shop, bought, 2)
    await refund(shop, bought, 0)
    async with shop.transaction() as session:
        seen = await progress.read(session, bought.generation_id, "ani", since=5)
    assert seen is not None
    assert (seen.version, seen.status, seen.stale) == (0, "processing", True)
    assert (seen.total, seen.completed, seen.failed, seen.percentage) == (4, 1, 1, 50)
    assert (seen.credits_charged, seen.credits_refunded) == (120, 30)
    assert [(item.index, item.status, item.version) for item in seen.items] == [
        (0, ItemStatus.FAILED, 0),
        (2, ItemStatus.COMPLETED, 0),
    ]
    assert seen.eta_s is not None


async def test_progress_of_a_settled_generation_is_the_truth(shop: Database, bought: GenerationInput) -> None:
    await deliver(shop, bought, 2)
    await settle(shop, bought, CANCELLED, {2: 2}, 3)
    async with shop.transaction() as session:
        seen = await progress.read(session, bought.generation_id, "ani", since=4)
        assert await progress.read(session, bought.generation_id, "budi") is None
        assert await progress.read(session, "gen_none", "ani") is None
        assert await progress.read(session, bought.generation_id) is not None
    assert seen is not None
    assert (seen.version, seen.status, seen.stale, seen.eta_s) == (6, "cancelled", False, None)
    assert seen.items == (
        ItemOutcome(
            index=3, pose_id="pose_bow", status=ItemStatus.CANCELLED, version=5, error_code=CANCELLED
        ),
    )


async def test_failures_note_the_provider_and_cancellations_do_not(shop: Database) -> None:
    failed, cancelled = order(2), order(2)
    for of, code, end in ((failed, "BAD_IMAGE", "PROVIDER_ACCOUNT"), (cancelled, CANCELLED, CANCELLED)):
        await charge(shop, of)
        await refund(shop, of, 0, code, provider="fal")
        await settle(shop, of, end, provider="fal")
    noted = "SELECT provider FROM generated_poses WHERE generation_id = :id ORDER BY index"
    assert await sql(shop, noted, id=failed.generation_id) == [("fal",), ("fal",)]
    assert await sql(shop, noted, id=cancelled.generation_id) == [(None,), (None,)]
