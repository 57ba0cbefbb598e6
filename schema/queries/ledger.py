"""Money in and out. Every entry has a key, so whatever is repeated counts once.

A charge and its generation are one transaction: a generation that exists is paid, and a refused
one leaves nothing.
"""

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from schema.errors import Conflict, IdempotencyMismatch, InsufficientCredits, ValidationFailed
from schema.kinds import ItemStatus, LedgerType
from schema.messages.orders import ChargeReceipt, GenerationInput
from schema.queries import counting, locks, order_rows, quota
from schema.tables import Generation, Item, LedgerEntry, User

GENERATION = "generation"
"""The reference type of entries that belong to a generation."""
USUAL_ITEM_MS = 20_000
RECENT_ITEMS = 50


async def charge(session: AsyncSession, order: GenerationInput) -> ChargeReceipt:
    """Takes credits or quota for the whole order and writes the generation, or raises and writes nothing.

    Repeated, it answers with the first receipt, however the generation has gone on since.
    """
    user = await locks.user(session, order.user_id)
    generation = await session.get(Generation, order.generation_id)
    if generation is None:
        generation = await _begin(session, order, user)
    elif generation.user_id != order.user_id:
        raise Conflict("This generation id is taken.")
    return _receipt(generation)


async def _begin(session: AsyncSession, order: GenerationInput, user: User) -> Generation:
    await order_rows.require_sitter(session, order)
    generation = order_rows.generation(order, await usual_item_ms(session))
    if quota.unlimited(user, generation.created_at):
        generation.quota_charged = order.total_items
        generation.quota_window_ends_at = quota.take(user, order.total_items, generation.created_at)
    else:
        generation.credit_charged = order.total_items * order.item_price_credits
        require(user, generation.credit_charged)
    session.add(generation)
    await session.flush()
    await order_rows.keep_poses(session, order)
    if generation.credit_charged:
        await post(session, _charge_entry(generation))
    return generation


async def usual_item_ms(session: AsyncSession) -> float:
    recent = (
        select(Item.generation_time_ms)
        .where(Item.status == ItemStatus.COMPLETED)
        .order_by(col(Item.created_at).desc())
        .limit(RECENT_ITEMS)
        .subquery()
    )
    mean = await session.scalar(select(func.avg(recent.c.generation_time_ms)))
    return float(mean or USUAL_ITEM_MS)


def require(user: User, credits_needed: int) -> None:
    if user.balance_credits < credits_needed:
        raise InsufficientCredits(
            f"Insufficient credits. Required: {credits_needed}, Available: {user.balance_credits}",
            details={"required": credits_needed, "available": user.balance_credits},
        )


def _charge_entry(generation: Generation) -> LedgerEntry:
    return LedgerEntry(
        user_id=generation.user_id,
        amount_credits=-generation.credit_charged,
        type=LedgerType.CHARGE,
        reference_type=GENERATION,
        reference_id=generation.id,
        idempotency_key=f"charge:{generation.id}",
        description=f"{generation.total_expected_poses} pictures",
    )


def refund_entry(generation: Generation, part: str, credits_back: int) -> LedgerEntry:
    """`part` is an item's index, or `rest` for all that settling found missing."""
    return LedgerEntry(
        user_id=generation.user_id,
        amount_credits=credits_back,
        type=LedgerType.REFUND,
        reference_type=GENERATION,
        reference_id=generation.id,
        idempotency_key=f"refund:{generation.id}:{part}",
        description="Pictures that were not delivered",
    )


async def grant(session: AsyncSession, user_id: str, amount: int, key: str, description: str) -> LedgerEntry:
    if amount <= 0:
        raise ValidationFailed("A grant must give at least one credit.")
    await locks.user(session, user_id)
    return await post(
        session,
        LedgerEntry(
            user_id=user_id,
            amount_credits=amount,
            type=LedgerType.GRANT,
            reference_type="user",
            reference_id=user_id,
            idempotency_key=key,
            description=description,
        ),
    )


async def post(session: AsyncSession, entry: LedgerEntry) -> LedgerEntry:
    """The entry as it stands in the ledger. A key that already stands there for other money is refused.

    The user's row must be locked; a trigger moves the balance.
    """
    values = entry.model_dump(exclude={"id", "balance_after_credits"})
    posted = await session.scalar(
        insert(LedgerEntry)
        .values(**values)
        .on_conflict_do_nothing(index_elements=["idempotency_key"])
        .returning(LedgerEntry)
    )
    if posted is None:
        known = select(LedgerEntry).where(LedgerEntry.idempotency_key == entry.idempotency_key)
        posted = (await session.exec(known)).one()
        if (posted.user_id, posted.type, posted.amount_credits) != (
            entry.user_id,
            entry.type,
            entry.amount_credits,
        ):
            raise IdempotencyMismatch("This key was already used for another amount or user.")
    else:
        counting.moved(session, posted)
    return posted


def _receipt(generation: Generation) -> ChargeReceipt:
    return ChargeReceipt(
        generation_id=generation.id,
        total_items=generation.total_expected_poses,
        credits_charged=generation.credit_charged,
        created_at=generation.created_at,
        estimated_completion_at=generation.estimated_completion_at,
        quota_charged=generation.quota_charged,
    )
