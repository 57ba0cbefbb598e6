"""Money: charged once, refunded once, never both kept and owed, whoever repeats or races."""

import asyncio
from datetime import timedelta

import pytest

from schema.database import Database
from schema.errors import (
    Conflict,
    IdempotencyMismatch,
    InsufficientCredits,
    NotFound,
    QuotaExceeded,
    ValidationFailed,
)
from schema.kinds import GenerationType, ItemStatus, LedgerType, Role
from schema.messages.orders import ChargeReceipt, PosePick
from schema.queries import audit, delivery, ledger, planning, quota, users
from schema.tables import LedgerEntry
from schema.tables.columns import now
from tests.orders import (
    KEYPOINTS,
    POSES,
    balance,
    charge,
    deliver,
    generation,
    item,
    open_shop,
    order,
    refund,
    settle,
    sql,
    user,
)

HOUR = timedelta(hours=1)


@pytest.fixture
async def shop(database: Database) -> Database:
    await open_shop(database, "ani", "budi", credits_each=300)
    return database


async def unlimited(database: Database, daily_quota_items: int = 5) -> None:
    async with database.transaction() as session:
        await users.set_unlimited(session, "ani", active=True, daily_quota_items=daily_quota_items)


async def end_window(database: Database) -> None:
    await sql(
        database, "UPDATE users SET unlimited_window_ends_at = now() - interval '1 second' WHERE id = 'ani'"
    )


async def findings(database: Database) -> list[audit.Finding]:
    async with database.snapshot() as session:
        return await audit.run(session)


async def entries(database: Database, user_id: str = "ani") -> list[tuple[object, ...]]:
    query = "SELECT type, amount_credits, idempotency_key FROM credits WHERE user_id = :user ORDER BY id"
    return await sql(database, query, user=user_id)


async def test_a_charge_takes_the_price_and_writes_the_generation(shop: Database) -> None:
    picks = (PosePick(pose_id=POSES[1], variations=2), PosePick(pose_id=POSES[0], variations=1))
    bought = order(picks=picks, prompt="in batik", formats=("tiktok",), avatar_id="avt_ani")
    receipt = await charge(shop, bought)
    assert (receipt.total_items, receipt.credits_charged, receipt.quota_charged) == (3, 90, 0)
    assert receipt.estimated_completion_at - receipt.created_at == timedelta(seconds=20) * 3 / 8
    assert await balance(shop) == 210
    assert (await entries(shop))[1:] == [("charge", -90, f"charge:{bought.generation_id}")]
    row = await generation(shop, bought)
    assert (row.status, row.total_expected_poses, row.item_price_credits) == ("pending", 3, 30)
    assert (row.output_formats, row.avatar_id, row.background) == (["tiktok"], "avt_ani", None)
    async with shop.transaction() as session:
        first, _second = await planning.selections(session, bought.generation_id)
        assert (first.pose_id, first.name, first.description) == ("pose_jump", "Pose_Jump", "a pose_jump")
        assert (first.keypoints, first.variations) == (KEYPOINTS, 2)


async def test_a_pose_in_words_has_no_skeleton_yet(shop: Database) -> None:
    words = (PosePick(pose_id=None, variations=4),)
    bought = order(picks=words, generation_type=GenerationType.TEXT_DESCRIPTION, text_prompt="waving")
    await charge(shop, bought)
    rows = await sql(shop, "SELECT name, description, keypoints IS NULL, pose_id FROM pose_selections")
    assert rows == [("text", "waving", True, None)]


async def test_later_changes_of_the_library_do_not_reach_what_was_paid(shop: Database) -> None:
    bought = order()
    await charge(shop, bought)
    await sql(shop, "UPDATE pose_library SET description = 'changed'")
    async with shop.transaction() as session:
        assert (await planning.selections(session, bought.generation_id))[0].description == "a pose_bow"


async def test_no_credits_no_generation(shop: Database) -> None:
    with pytest.raises(InsufficientCredits, match=r"^Insufficient credits. Required: 330, Available: 300$"):
        await charge(shop, order(11))
    assert (
        await sql(shop, "SELECT id FROM pose_generations UNION SELECT generation_id FROM pose_selections")
        == []
    )
    assert await balance(shop) == 300


async def test_a_pose_that_is_gone_refuses_the_order(shop: Database) -> None:
    with pytest.raises(ValidationFailed):
        await charge(shop, order(picks=(PosePick(pose_id="pose_gone", variations=1),)))
    assert await balance(shop) == 300


async def test_strangers(shop: Database) -> None:
    with pytest.raises(NotFound):
        await charge(shop, order(user="nobody"))
    bought = order()
    await charge(shop, bought)
    with pytest.raises(Conflict):
        await charge(shop, bought.model_copy(update={"user_id": "budi"}))
    assert await balance(shop, "budi") == 300


async def test_a_repeated_charge_answers_the_same_even_when_all_is_over(shop: Database) -> None:
    bought = order(10)
    first = await charge(shop, bought)
    assert await charge(shop, bought) == first
    await deliver(shop, bought, 0)
    await settle(shop, bought)
    assert await charge(shop, bought) == first
    assert await balance(shop) == 270


async def test_the_same_charge_raced_is_one(shop: Database) -> None:
    bought = order(10)
    receipts = await asyncio.gather(*[charge(shop, bought) for _ in range(20)])
    assert len(set(receipts)) == 1
    assert await balance(shop) == 0
    assert len(await entries(shop)) == 2


async def test_a_hundred_at_once_with_credits_for_ten(shop: Database) -> None:
    outcomes = await asyncio.gather(*[charge(shop, order()) for _ in range(100)], return_exceptions=True)
    assert sum(isinstance(outcome, ChargeReceipt) for outcome in outcomes) == 10
    assert sum(isinstance(outcome, InsufficientCredits) for outcome in outcomes) == 90
    assert await balance(shop) == 0
    assert await sql(shop, "SELECT count(*) FROM pose_generations") == [(10,)]
    assert await findings(shop) == []


async def test_the_estimate_learns_from_recent_pictures(shop: Database) -> None:
    slow = order(2)
    await charge(shop, slow)
    await deliver(shop, slow, 0)
    receipt = await charge(shop, order(8))
    assert receipt.estimated_completion_at - receipt.created_at == timedelta(seconds=1)


async def test_grants_count_once_a_key(shop: Database) -> None:
    async def grant(amount: int, user_id: str = "ani") -> LedgerEntry:
        async with shop.transaction() as session:
            return await ledger.grant(session, user_id, amount, "invoice 7", "Bought")

    first = await grant(50)
    assert (first.balance_after_credits, first.type) == (350, LedgerType.GRANT)
    again = await asyncio.gather(*[grant(50) for _ in range(5)])
    assert {entry.id for entry in again} == {first.id}
    for other in (grant(51), grant(50, "budi")):
        with pytest.raises(IdempotencyMismatch):
            await other
    with pytest.raises(ValidationFailed):
        await grant(0)
    assert (await balance(shop), await balance(shop, "budi")) == (350, 300)


async def test_a_user_comes_to_be_once_with_the_signup_credits(database: Database) -> None:
    async def ensure(role: Role = Role.USER, signup_credits: int = 120) -> tuple[str, int]:
        async with database.transaction() as session:
            known = await users.ensure(session, "cici", role, signup_credits)
            return known.role, known.balance_credits

    assert set(await asyncio.gather(*[ensure() for _ in range(8)])) == {("user", 120)}
    assert await entries(database, "cici") == [("grant", 120, "signup:cici")]
    assert await ensure(Role.ADMIN, 999) == ("admin", 120)
    assert (await user(database, "cici")).role == "admin"
    with pytest.raises(NotFound):
        await user(database, "dodi")


async def test_delivering_twice_is_delivering_once(shop: Database) -> None:
    bought = order(2)
    await charge(shop, bought)
    assert await asyncio.gather(*[deliver(shop, bought, 1) for _ in range(6)]) == [True] * 6
    row, made = await generation(shop, bought), await item(shop, bought, 1)
    assert (row.poses_completed, row.poses_failed, row.status) == (1, 0, "processing")
    assert made is not None
    assert (made.status, made.image_key, made.thumbnail_key) == ("completed", "generated/1.png", "thumb.jpg")
    assert (made.provider, made.seed_used, made.generation_time_ms) == ("fal", 1, 1000)
    assert (made.version, made.variation, made.controlnet_weight) == (None, 1, 0.9)


async def test_refunding_twice_is_refunding_once(shop: Database) -> None:
    bought = order(2, price=40)
    await charge(shop, bought)
    assert await asyncio.gather(*[refund(shop, bought, 1) for _ in range(6)]) == [40] * 6
    row, lost = await generation(shop, bought), await item(shop, bought, 1)
    assert (row.poses_failed, row.credit_refunded) == (1, 40)
    assert lost is not None
    assert (lost.status, lost.error_code, lost.credit_refunded, lost.attempt) == (
        "failed",
        "BAD_IMAGE",
        40,
        2,
    )
    assert await balance(shop) == 260
    assert (await entries(shop))[2:] == [("refund", 40, f"refund:{bought.generation_id}:1")]


async def test_the_first_word_on_an_item_stands(shop: Database) -> None:
    bought = order(2)
    await charge(shop, bought)
    assert await deliver(shop, bought, 0)
    assert await refund(shop, bought, 0) == 0
    assert await refund(shop, bought, 1, delivery.CANCELLED) == 30
    assert not await deliver(shop, bought, 1)
    lost = await item(shop, bought, 1)
    assert lost is not None
    assert (lost.status, lost.image_key) == (ItemStatus.CANCELLED, None)
    assert await balance(shop) == 270


async def test_delivery_and_refund_raced_give_one_of_both(shop: Database) -> None:
    bought = order(10)
    await charge(shop, bought)
    attempts = [act(shop, bought, index) for index in range(10) for act in (deliver, refund, deliver)]
    answers = await asyncio.gather(*attempts)
    for index in range(10):
        delivered, refunded, again = answers[3 * index : 3 * index + 3]
        assert delivered == again
        assert refunded == (0 if delivered else 30)
    row = await generation(shop, bought)
    assert row.poses_completed + row.poses_failed == 10
    assert await balance(shop) == 30 * row.poses_failed
    await settle(shop, bought)
    assert await findings(shop) == []


async def test_nothing_happens_to_items_of_nothing(shop: Database) -> None:
    for act in (deliver, refund):
        with pytest.raises(NotFound):
            await act(shop, order(), 0)


async def test_exports_are_added_and_made_again(shop: Database) -> None:
    bought = order()
    await charge(shop, bought)
    await deliver(shop, bought, 0)
    item_id, picture = f"item_{bought.generation_id[4:]}_000", "generated/0.png"
    for exports in ({"a": {"key": "1"}}, {"b": {"key": "2"}}, {"a": {"key": "3"}}):
        async with shop.transaction() as session:
            await delivery.record_exports(session, item_id, picture, exports)
    async with shop.transaction() as session:
        await delivery.record_exports(session, item_id, "generated/replaced.png", {"a": {"key": "4"}})
    made = await item(shop, bought, 0)
    assert made is not None
    assert made.exports == {"a": {"key": "3"}, "b": {"key": "2"}}


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


async def test_an_exception_takes_everything_back(shop: Database) -> None:
    async def charge_and_fail() -> None:
        async with shop.transaction() as session:
            await ledger.charge(session, order())
            raise Conflict("changed my mind")

    with pytest.raises(Conflict):
        await charge_and_fail()
    assert await balance(shop) == 300
    assert await sql(shop, "SELECT id FROM pose_generations") == []
