"""The figures of all users over a span of time.

Whole days come from the counts that are kept, the rest of the span and whatever still runs from the rows.
Poses and errors are read from indexes that carry all they need.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from schema.queries import figures
from schema.queries.figures import ENDS, MONEY, PICTURES, Figures
from schema.spans import Span


def _edges(moment: str) -> str:
    return f"({moment} >= :start AND {moment} < :first OR {moment} >= :last AND {moment} < :end)"


WHOLE_DAYS = "i.created_at >= :first AND i.created_at < :last"
HAPPENED = (
    figures.kept("day >= :first_day AND day < :last_day"),
    figures.counted(
        PICTURES.format(where=f"g.settled_at IS NULL AND {WHOLE_DAYS}"),
        PICTURES.format(where=f"i.status = 'completed' AND {_edges('i.created_at')}"),
        PICTURES.format(where=f"i.status <> 'completed' AND {_edges('i.created_at')}"),
        ENDS.format(where=_edges("g.settled_at")),
        MONEY.format(where=_edges("c.created_at")),
    ),
)
TOTALS = text(figures.summed("1", *HAPPENED))
TOP_USERS = text(
    figures.summed("user_id", *HAPPENED) + " ORDER BY sum(pictures_completed) DESC, user_id LIMIT :limit"
)
POPULAR = text("""
    SELECT pose.id, pose.name, pose.category_id, pose.thumbnail_key, used.pictures,
        sum(used.pictures) OVER ()::bigint AS of_all
    FROM (
        SELECT pose_id, count(*) AS pictures FROM generated_poses
        WHERE status = 'completed' AND created_at >= :start AND created_at < :end GROUP BY pose_id
    ) AS used
    JOIN pose_library AS pose ON pose.id = used.pose_id AND pose.project_id IS NULL
    ORDER BY used.pictures DESC, pose.id LIMIT :limit
""")
ERRORS = text("""
    SELECT error_code, provider, count(*), max(created_at) FROM generated_poses
    WHERE status <> 'completed' AND error_code <> 'CANCELLED' AND created_at >= :start AND created_at < :end
    GROUP BY error_code, provider
""")


@dataclass(frozen=True)
class PopularPose:
    id: str
    name: str
    category_id: str
    thumbnail_key: str | None
    pictures: int
    of_all: int
    """Pictures of poses of the library in the span, this one's among them."""


@dataclass
class ErrorCount:
    code: str
    count: int
    last_seen_at: datetime
    providers: dict[str, int]


def _parameters(span: Span) -> Mapping[str, Any]:
    """The whole days lie from `first` to `last`; what is left, before and after them."""
    first, last = span.whole_days
    return {
        "start": span.start,
        "first": first,
        "last": last,
        "end": span.end,
        "first_day": first.date(),
        "last_day": last.date(),
    }


async def totals(session: AsyncSession, span: Span) -> Figures:
    rows = await (await session.connection()).execute(TOTALS, _parameters(span))
    return Figures.total(Figures.of(row) for row in rows.mappings())


async def top_users(session: AsyncSession, span: Span, limit: int) -> Sequence[tuple[str, Figures]]:
    """Most delivered pictures first."""
    connection = await session.connection()
    rows = await connection.execute(TOP_USERS, {**_parameters(span), "limit": limit})
    return [(row["key"], Figures.of(row)) for row in rows.mappings()]


async def popular_poses(session: AsyncSession, span: Span, limit: int) -> Sequence[PopularPose]:
    """Of the library only: what users make with their own poses is nobody's business."""
    connection = await session.connection()
    rows = await connection.execute(POPULAR, {"start": span.start, "end": span.end, "limit": limit})
    return [PopularPose(*row) for row in rows]


async def errors(session: AsyncSession, span: Span) -> Sequence[ErrorCount]:
    """Most frequent first."""
    rows = await (await session.connection()).execute(ERRORS, {"start": span.start, "end": span.end})
    found: dict[str, ErrorCount] = {}
    for code, provider, count, last_at in rows:
        error = found.setdefault(code, ErrorCount(code, 0, last_at, {}))
        error.count += count
        error.last_seen_at = max(error.last_seen_at, last_at)
        error.providers[provider or "unknown"] = count
    return sorted(found.values(), key=lambda error: (-error.count, error.code))
