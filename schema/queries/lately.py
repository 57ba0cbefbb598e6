"""What has become of pictures lately, whoever they were for. Read from the indexes by time."""

from datetime import datetime, timedelta
from typing import Final, NamedTuple

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from schema.tables.columns import now


class Outcome(NamedTuple):
    code: str | None
    """None: delivered."""
    pictures: int
    last_at: datetime


_OUTCOMES: Final = text("""
    SELECT NULL, count(*), max(created_at) FROM generated_poses
    WHERE status = 'completed' AND created_at > :since HAVING count(*) > 0
    UNION ALL
    SELECT * FROM (
        SELECT error_code, count(*) AS count, max(created_at) FROM generated_poses
        WHERE status <> 'completed' AND status <> 'cancelled' AND created_at > :since
        GROUP BY error_code ORDER BY count DESC) AS failed
""")


async def outcomes(session: AsyncSession, within: timedelta) -> list[Outcome]:
    """What was delivered, then failures, the most frequent first. What users cancelled is neither."""
    rows = await (await session.connection()).execute(_OUTCOMES, {"since": now() - within})
    return [Outcome(*row) for row in rows]
