"""The fate of one item: delivered or refunded, whichever is written first, and never both."""

from typing import Any

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from schema.kinds import ItemStatus
from schema.messages.fates import RefundItem
from schema.messages.pictures import StoreItem
from schema.queries import counting, first_word, ledger, locks, quota
from schema.tables import Item

CANCELLED = "CANCELLED"


async def deliver(
    session: AsyncSession,
    item: StoreItem,
    image_key: str,
    thumbnail_key: str,
    controlnet_weight: float | None,
    *,
    original_key: str | None = None,
) -> bool:
    """False when the item was refunded before: then it stays undelivered. True again when repeated."""
    row = _delivered(item, image_key, thumbnail_key)
    row.original_image_key, row.controlnet_weight = original_key, controlnet_weight
    if not await first_word.delivered(session, row):
        await locks.generation(session, item.generation_id)  # which there may not be
        return (await _decided(session, item.generation_id, item.index)).status == ItemStatus.COMPLETED
    counting.fate(session, row)
    return True


def _delivered(item: StoreItem, image_key: str, thumbnail_key: str) -> Item:
    picture = item.picture
    return Item(
        id=item.item_id,
        generation_id=item.generation_id,
        index=item.index,
        position=item.position,
        pose_id=item.pose_id,
        variation=item.variation,
        status=ItemStatus.COMPLETED,
        attempt=picture.attempt,
        image_key=image_key,
        thumbnail_key=thumbnail_key,
        map_key=item.map_key,
        prompt_used=item.prompt,
        seed_used=picture.seed,
        provider=picture.provider,
        model=picture.model,
        generation_time_ms=picture.duration_ms,
    )


async def refund(session: AsyncSession, item: RefundItem, provider: str | None = None) -> int:
    """The credits given back for this item; none when it was delivered after all, or paid from the quota.

    `provider` is the one in use, noted so that failures can be told apart by it.
    """
    user = await locks.user(session, item.user_id)
    generation = await locks.generation(session, item.generation_id)
    credits_back = generation.item_price_credits if generation.credit_charged else 0
    if not await _decide(session, _refunded(item, credits_back, provider)):
        return (await _decided(session, item.generation_id, item.index)).credit_refunded
    generation.poses_failed += 1
    generation.credit_refunded += credits_back
    quota.give_back(user, generation, 1)
    if credits_back:
        await ledger.post(session, ledger.refund_entry(generation, str(item.index), credits_back))
    return credits_back


def _refunded(item: RefundItem, credits_back: int, provider: str | None) -> Item:
    status = undelivered_status(item.error_code)
    return Item(
        id=item.item_id,
        generation_id=item.generation_id,
        index=item.index,
        position=item.position,
        pose_id=item.pose_id,
        variation=item.variation,
        status=status,
        attempt=item.attempt,
        provider=provider if status == ItemStatus.FAILED else None,
        error_code=item.error_code,
        credit_refunded=credits_back,
    )


def undelivered_status(error_code: str) -> ItemStatus:
    return ItemStatus.CANCELLED if error_code == CANCELLED else ItemStatus.FAILED


async def _decide(session: AsyncSession, item: Item) -> bool:
    """Whether this was the first word on the item."""
    decided = await session.scalar(
        insert(Item).values(**item.model_dump()).on_conflict_do_nothing().returning(col(Item.id))
    )
    if decided is not None:
        counting.fate(session, item)
    return decided is not None


async def _decided(session: AsyncSession, generation_id: str, index: int) -> Item:
    rows = await session.exec(select(Item).where(Item.generation_id == generation_id, Item.index == index))
    return rows.one()


async def record_exports(
    session: AsyncSession, item_id: str, image_key: str, exports: dict[str, Any]
) -> bool:
    """Adds to what is there, so formats can be made one by one and again. False, and nothing added, when
    another picture has taken the place of theirs.
    """
    of_picture = update(Item).where(col(Item.id) == item_id, col(Item.image_key) == image_key)
    added = of_picture.values(exports=col(Item.exports).op("||")(exports)).returning(col(Item.id))
    return await session.scalar(added) is not None
