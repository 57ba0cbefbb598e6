"""A user's own account: the ledger page by page."""

from collections.abc import Sequence

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from schema.tables import LedgerEntry


async def ledger_page(
    session: AsyncSession, user_id: str, *, before_id: int | None, limit: int
) -> Sequence[LedgerEntry]:
    """Newest first."""
    query = select(LedgerEntry).where(LedgerEntry.user_id == user_id)
    if before_id is not None:
        query = query.where(col(LedgerEntry.id) < before_id)
    return (await session.exec(query.order_by(col(LedgerEntry.id).desc()).limit(limit))).all()
