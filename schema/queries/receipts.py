"""What a generation cost and what came back: its row, items, later changes and entries of one moment."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from schema.queries import accounts, generations, items, planning
from schema.tables import BackgroundChange, Generation, Item, LedgerEntry, PoseSelection


@dataclass(frozen=True)
class Books:
    generation: Generation
    poses: Sequence[PoseSelection]
    items: dict[int, Item]
    """By index; those without a row have no fate yet."""
    changes: Sequence[BackgroundChange]
    entries: Sequence[LedgerEntry]


async def read(session: AsyncSession, generation_id: str, user_id: str) -> Books:
    """In a snapshot: a refund may be posted between two looks."""
    generation = await generations.owned(session, generation_id, user_id)
    changes = select(BackgroundChange).where(BackgroundChange.generation_id == generation_id)
    entries = select(LedgerEntry).where(
        LedgerEntry.user_id == user_id, await accounts.belongs_to(session, generation_id)
    )
    return Books(
        generation,
        await planning.selections(session, generation_id),
        {item.index: item for item in await items.all_of(session, generation_id)},
        (await session.exec(changes.order_by(col(BackgroundChange.id)))).all(),
        (await session.exec(entries.order_by(col(LedgerEntry.id)))).all(),
    )
