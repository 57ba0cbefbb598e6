"""A user's own account: the ledger page by page."""

from collections.abc import Sequence

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from schema.kinds import LedgerType
from schema.queries.ledger import GENERATION
from schema.tables import LedgerEntry


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
        query = query.where(
            LedgerEntry.reference_type == GENERATION, LedgerEntry.reference_id == generation_id
        )
    if before_id is not None:
        query = query.where(col(LedgerEntry.id) < before_id)
    return (await session.exec(query.order_by(col(LedgerEntry.id).desc()).limit(limit))).all()
