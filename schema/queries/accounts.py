"""A user's own account: the ledger page by page."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, tuple_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from schema.kinds import LedgerType
from schema.queries import background_changes
from schema.queries.ledger import GENERATION
from schema.tables import BackgroundChange, LedgerEntry


async def ledger_page(
    session: AsyncSession,
    user_id: str,
    *,
    before_id: int | None,
    limit: int,
    kind: LedgerType | None = None,
    generation_id: str | None = None,
) -> Sequence[LedgerEntry]:
    """Newest first."""
    query = select(LedgerEntry).where(LedgerEntry.user_id == user_id)
    if kind is not None:
        query = query.where(LedgerEntry.type == kind)
    if generation_id is not None:
        query = query.where(await belongs_to(session, generation_id))
    if before_id is not None:
        query = query.where(col(LedgerEntry.id) < before_id)
    return (await session.exec(query.order_by(col(LedgerEntry.id).desc()).limit(limit))).all()


async def belongs_to(session: AsyncSession, generation_id: str) -> ColumnElement[bool]:
    """To the generation itself, or to a later change of one of its pictures."""
    changes = select(BackgroundChange.id).where(BackgroundChange.generation_id == generation_id)
    references = [(GENERATION, generation_id)]
    references += [(background_changes.REFERENCE, change_id) for change_id in await session.exec(changes)]
    return tuple_(col(LedgerEntry.reference_type), col(LedgerEntry.reference_id)).in_(references)
