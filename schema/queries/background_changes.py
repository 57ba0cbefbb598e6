"""Changing the background of one delivered picture: paid like everything else, done or given back."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from schema.errors import Conflict
from schema.kinds import ChangeStatus, ItemStatus, LedgerType, ProjectStatus
from schema.messages.changes import ApplyChange, ChangeOrder, ChangeReceipt, EndChange
from schema.queries import items, ledger, locks, quota
from schema.tables import BackgroundChange, Generation, Item, LedgerEntry, Project, User
from schema.tables.columns import now

REFERENCE = "background_change"
DESCRIBED = {LedgerType.CHARGE: "Another background", LedgerType.REFUND: "A background that was not changed"}
MOST_SHOWN = 100


async def charge(session: AsyncSession, order: ChangeOrder) -> ChangeReceipt:
    """Repeated, it answers with the first receipt. One change of a picture at a time."""
    user = await locks.user(session, order.user_id)
    change = await session.get(BackgroundChange, order.change_id)
    if change is None:
        change = await _begin(session, order, user)
    item = await session.get_one(Item, change.item_id)
    return ChangeReceipt(
        change_id=change.id,
        item_id=change.item_id,
        credits_charged=change.credit_charged,
        quota_charged=change.quota_charged,
        picture_key=first_picture(item),
    )


def first_picture(item: Item) -> str:
    """What every change starts from, so that none cuts out what was cut out before."""
    return item.original_image_key or item.image_key or ""


async def changeable(session: AsyncSession, item_id: str, user_id: str) -> Item:
    item, _ = await items.owned(session, item_id, user_id)
    if item.status != ItemStatus.COMPLETED:
        raise Conflict("This picture was not delivered, so it has no background to change.")
    pending = select(BackgroundChange.id).where(
        BackgroundChange.item_id == item_id, BackgroundChange.status == ChangeStatus.PENDING
    )
    if (await session.exec(pending)).first():
        raise Conflict("The background of this picture is being changed. Wait for its end.")
    return item


async def _begin(session: AsyncSession, order: ChangeOrder, user: User) -> BackgroundChange:
    item = await changeable(session, order.item_id, order.user_id)
    await _hold_project(session, item)
    assert item.image_key
    change = BackgroundChange(
        id=order.change_id,
        user_id=order.user_id,
        generation_id=item.generation_id,
        item_id=item.id,
        background=order.background.model_dump(mode="json"),
        seed=order.seed,
        before_image_key=item.image_key,
    )
    if quota.unlimited(user, change.created_at):
        change.quota_charged = 1
        change.quota_window_ends_at = quota.take(user, 1, change.created_at)
    else:
        change.credit_charged = order.price_credits
        ledger.require(user, order.price_credits)
    session.add(change)
    await session.flush()
    if change.credit_charged:
        await ledger.post(session, _entry(change, LedgerType.CHARGE, -change.credit_charged))
    return change


async def _hold_project(session: AsyncSession, item: Item) -> None:
    """It is not deleted before this change can be seen."""
    of_item = select(Project.id).join(Generation, col(Generation.project_id) == Project.id)
    mine = of_item.where(Generation.id == item.generation_id, Project.status != ProjectStatus.DELETED)
    held = mine.with_for_update(read=True, key_share=True, of=Project)
    if (await session.exec(held)).one_or_none() is None:
        raise Conflict("The project of this picture has been deleted.")


def _entry(change: BackgroundChange, kind: LedgerType, amount_credits: int) -> LedgerEntry:
    return LedgerEntry(
        user_id=change.user_id,
        amount_credits=amount_credits,
        type=kind,
        reference_type=REFERENCE,
        reference_id=change.id,
        idempotency_key=f"{kind}:{change.id}",
        description=DESCRIBED[kind],
    )


async def subject(session: AsyncSession, change_id: str) -> tuple[Item, frozenset[str]]:
    """The picture, and the formats it has or is still to get."""
    change = await session.get_one(BackgroundChange, change_id)
    item = await session.get_one(Item, change.item_id)
    generation = await session.get_one(Generation, change.generation_id)
    return item, frozenset(item.exports) | frozenset(generation.output_formats)


@dataclass(frozen=True)
class Remade:
    """What a picture is to be from now on."""

    image_key: str
    thumbnail_key: str
    exports: dict[str, Any]
    formats: frozenset[str]
    """What was asked for: those without an export could not be made."""


class ExportsLeft(Exception):
    """The picture got more formats meanwhile, which must be made of the new one first."""

    def __init__(self, formats: frozenset[str]) -> None:
        self.formats = formats


async def complete(session: AsyncSession, call: ApplyChange, remade: Remade) -> bool:
    """All of the picture at once. False when it was given back before: then nothing changes."""
    await locks.user(session, call.user_id)
    change = await _locked(session, call.change_id)
    if change.status != ChangeStatus.PENDING:
        return change.status == ChangeStatus.COMPLETED
    item = await session.get_one(Item, change.item_id, with_for_update=True)
    if left := frozenset(item.exports) - remade.formats:
        raise ExportsLeft(left)
    item.original_image_key = item.original_image_key or item.image_key
    item.image_key, item.thumbnail_key = remade.image_key, remade.thumbnail_key
    item.exports = remade.exports
    change.status, change.image_key, change.ended_at = ChangeStatus.COMPLETED, remade.image_key, now()
    return True


async def refund(session: AsyncSession, call: EndChange) -> int:
    """The credits given back; none when it was made after all, or paid from the quota."""
    user = await locks.user(session, call.user_id)
    change = await _locked(session, call.change_id)
    if change.status == ChangeStatus.PENDING:
        change.status, change.error_code, change.ended_at = ChangeStatus.FAILED, call.error_code, now()
        change.credit_refunded = change.credit_charged
        quota.give_back(user, change, change.quota_charged)
        if change.credit_charged:
            await ledger.post(session, _entry(change, LedgerType.REFUND, change.credit_charged))
    return change.credit_refunded


async def _locked(session: AsyncSession, change_id: str) -> BackgroundChange:
    return await session.get_one(BackgroundChange, change_id, with_for_update=True, populate_existing=True)


async def of_item(
    session: AsyncSession, item_id: str, user_id: str, limit: int = MOST_SHOWN
) -> Sequence[BackgroundChange]:
    """Newest first."""
    query = select(BackgroundChange).where(
        BackgroundChange.item_id == item_id, BackgroundChange.user_id == user_id
    )
    newest_first = query.order_by(col(BackgroundChange.created_at).desc(), col(BackgroundChange.id).desc())
    return (await session.exec(newest_first.limit(limit))).all()


async def begun(session: AsyncSession, change_id: str, user_id: str) -> BackgroundChange | None:
    query = select(BackgroundChange).where(
        BackgroundChange.id == change_id, BackgroundChange.user_id == user_id
    )
    return (await session.exec(query)).one_or_none()
