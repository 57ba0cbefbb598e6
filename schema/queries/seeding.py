"""Bringing the library's tables in step with its files, touching only what changed."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import func, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from schema.tables import Pose, PoseCategory

OURS = "original"
"""The source type of poses that come with the program; others are never touched."""


async def put_categories(session: AsyncSession, rows: Iterable[dict[str, Any]]) -> None:
    """Parents first."""
    connection = await session.connection()
    for row in rows:
        changed = {name: value for name, value in row.items() if name != "id"}
        await connection.execute(
            insert(PoseCategory).values(**row).on_conflict_do_update(index_elements=["id"], set_=changed)
        )


async def put_poses(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> int:
    """How many were new or changed. Counts and favourites of a changed pose stay."""
    known = dict((await session.exec(select(Pose.id, Pose.content_hash))).all())
    changed = [row for row in rows if known.get(row["id"]) != row["content_hash"]]
    connection = await session.connection()
    for row in changed:
        values = row | {"source_type": OURS}
        again = {name: value for name, value in values.items() if name != "id"}
        again |= {"updated_at": func.now(), "retired_at": None}
        await connection.execute(
            insert(Pose)
            .values(**Pose(**values).model_dump())
            .on_conflict_do_update(index_elements=["id"], set_=again)
        )
    return len(changed)


async def retire_missing(session: AsyncSession, kept_ids: Sequence[str]) -> None:
    """A pose that left the files is no longer offered; what was made with it stays."""
    await session.exec(
        update(Pose)
        .where(
            col(Pose.source_type) == OURS,
            col(Pose.retired_at).is_(None),
            col(Pose.id).not_in(kept_ids),
        )
        .values(retired_at=func.now())
    )
