"""What a generation cost and what came back: its row, its items, its poses and its entries of one moment."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from schema.queries import generations, items, ledger, planning
from schema.tables import Generation, Item, LedgerEntry, PoseSelection


@dataclass(frozen=True)
class Books:
    generation: Generation
    poses: Sequence[PoseSelection]
    items: dict[int, Item]
    """By index; those without a row have no fate yet."""
    entries: Sequence[LedgerEntry]


async def read(session: AsyncSession, generation_id: str, user_id: str) -> Books:
    """Must be the first thing its transaction does: a refund may be posted between two looks."""
    connection = await session.connection()
    await connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))
    generation = await generations.owned(session, generation_id, user_id)
    return Books(
        generation,
        await planning.selections(session, generation_id),
        {item.index: item for item in await items.all_of(session, generation_id)},
        await _entries(session, generation),
    )


async def _entries(session: AsyncSession, generation: Generation) -> Sequence[LedgerEntry]:
    query = select(LedgerEntry).where(
        LedgerEntry.reference_type == ledger.GENERATION,
        LedgerEntry.reference_id == generation.id,
        LedgerEntry.user_id == generation.user_id,
    )
    return (await session.exec(query.order_by(col(LedgerEntry.id)))).all()
