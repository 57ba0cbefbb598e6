"""Credits: charged once, refunded once, never both kept and owed, whoever repeats or races."""

import asyncio
from datetime import timedelta

import pytest

from schema.database import Database
from schema.errors import Conflict, IdempotencyMismatch, InsufficientCredits, NotFound, ValidationFailed
from schema.kinds import GenerationType, ItemStatus, LedgerType, Role
from schema.messages.orders import ChargeReceipt, PosePick
from schema.queries import audit, delivery, ledger, planning, users
from schema.tables import LedgerEntry
from tests.integration.ledger_users import entries, shop
from tests.orders import (
    KEYPOINTS,
    POSES,
    balance,
    charge,
    deliver,
    generation,
    item,
    order,
    refund,
    settle,
    sql,
    user,
)

__all__ = ["shop"]


async def findings(database: Database) -> list[audit.Finding]:
    async with database.snapshot() as session:
        return await audit.run(session)


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


async def test_an_exception_takes_everything_back(shop: Database) -> None:
    async def charge_and_fail() -> None:
        async with shop.transaction() as session:
            await ledger.charge(session, order())
            raise Conflict("changed my mind")

    with pytest.raises(Conflict):
        await charge_and_fail()
    assert await balance(shop) == 300
    assert await sql(shop, "SELECT id FROM pose_generations") == []
