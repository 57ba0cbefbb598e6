"""What the books hold open for a workflow. Whether there still is one, only Temporal knows.

Pages by id, and each of few rows: only what is open is looked at, by indexes of just that.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from sqlalchemy import text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from schema.kinds import ENDS, WebhookEvent
from schema.reconciling import LostKind
from schema.tables import Generation

PAGE: Final = 200
TOLD_WITHIN: Final = timedelta(days=2)
"""What nobody was told of for so long is no news."""

_OPEN: Final = {
    LostKind.GENERATION: """
        SELECT id, user_id FROM pose_generations WHERE settled_at IS NULL AND created_at < :before""",
    LostKind.BACKGROUND: """
        SELECT id, user_id FROM background_changes WHERE status = 'pending' AND created_at < :before""",
    LostKind.MESSAGE: """
        SELECT id, user_id FROM webhook_deliveries WHERE status = 'pending' AND created_at < :before""",
    LostKind.END: """
        SELECT g.id, g.user_id
        FROM pose_generations g
        JOIN unnest(CAST(:statuses AS text[]), CAST(:events AS text[])) AS ends (status, event)
            ON ends.status = g.status
        WHERE g.settled_at > CAST(:before AS timestamptz) - CAST(:told_within AS interval)
            AND g.settled_at < :before AND g.webhook_url IS NOT NULL
            AND (SELECT count(*) FROM webhook_deliveries d
                 WHERE d.generation_id = g.id AND d.event = ANY(g.webhook_events))
              < CASE WHEN ends.event = ANY(g.webhook_events) THEN 1 ELSE 0 END
              + CASE WHEN :picture = ANY(g.webhook_events) THEN g.poses_completed ELSE 0 END""",
}
_TOLD: Final = {
    "told_within": TOLD_WITHIN,
    "statuses": list(ENDS),
    "events": list(ENDS.values()),
    "picture": WebhookEvent.ITEM_COMPLETED,
}
_PAGE: Final = "WITH held AS ({}) SELECT id, user_id FROM held WHERE id > :after ORDER BY id LIMIT :limit"
_THESE: Final = "WITH held AS ({}) SELECT id, user_id FROM held WHERE id = ANY(:ids) ORDER BY id"


class Open(NamedTuple):
    id: str
    user_id: str


async def page(
    session: AsyncSession, kind: LostKind, before: datetime, after: str = "", limit: int = PAGE
) -> list[Open]:
    """Open since before `before`, in order of their ids."""
    asked = {"after": after, "limit": limit}
    return await _rows(session, kind, before, _PAGE, asked)


async def still(session: AsyncSession, kind: LostKind, before: datetime, ids: Sequence[str]) -> list[Open]:
    """Those of them that are open even now."""
    return await _rows(session, kind, before, _THESE, {"ids": list(ids)})


async def recorded(session: AsyncSession, ids: Sequence[str]) -> set[str]:
    """Those of these generations that the books know."""
    return set(await session.exec(select(Generation.id).where(col(Generation.id).in_(ids))))


async def _rows(
    session: AsyncSession, kind: LostKind, before: datetime, which: str, asked: dict[str, object]
) -> list[Open]:
    known = {"before": before} | asked | (_TOLD if kind is LostKind.END else {})
    rows = await (await session.connection()).execute(text(which.format(_OPEN[kind])), known)
    return [Open(*row) for row in rows]
