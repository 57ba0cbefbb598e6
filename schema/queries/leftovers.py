"""Rows that say nothing any more: each may go at any moment. Keys of orders go a month after them."""

from typing import Final

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

OVER: Final = {
    "item_buckets": "full_at < now() - interval '1 hour'",  # a full bucket is as good as none
    "idempotency_keys": "created_at < now() - interval '30 days'",
    "webhook_secrets": "expires_at < now()",
    "shares": "expires_at < now()",
    "storage_orphans": "found_at < now() - interval '30 days'",  # the object went by other hands
}
DELETE: Final = """
    DELETE FROM {table}
    WHERE ctid IN (SELECT ctid FROM {table} WHERE {over} LIMIT :most FOR UPDATE SKIP LOCKED)
"""


async def sweep(session: AsyncSession, most: int) -> dict[str, int]:
    """How many rows of each table went; `most` of each, the next round takes the rest."""
    connection = await session.connection()
    gone: dict[str, int] = {}
    for table, over in OVER.items():
        deleted = await connection.execute(text(DELETE.format(table=table, over=over)), {"most": most})
        gone[table] = deleted.rowcount
    return {table: rows for table, rows in gone.items() if rows}
