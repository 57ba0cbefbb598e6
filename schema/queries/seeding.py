"""Bringing the library's tables in step with its files, touching only what changed."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import and_, func, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from schema.tables import Pose, PoseCategory

OURS = "original"
"""The source type of poses that come with the program; others are never touched."""
OF_THE_FILES = (col(Pose.source_type) == OURS, col(Pose.edited_at).is_(None))
"""The files decide only about poses that no admin has changed since."""


async def put_categories(session: AsyncSession, rows: Iterable[dict[str, Any]]) -> None:
    """Parents first."""
    connection = await session.connection()
    for row in rows:
        changed = {name: value for name, value in row.items() if name != "id"}
        await connection.execute(
            insert(PoseCategory).values(**row).on_conflict_do_update(index_elements=["id"], set_=changed)
        )


async def put_poses(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> int:
    """How many were new or changed. An admin's work, and counts and favourites, stay."""
    wanted = {row["id"]: row["content_hash"] for row in rows}
    found = await session.exec(
        select(Pose.id, Pose.content_hash, and_(*OF_THE_FILES)).where(col(Pose.id).in_(wanted))
    )
    done = {pose_id for pose_id, known, ours in found if not ours or known == wanted[pose_id]}
    changed = [row for row in rows if row["id"] not in done]
    connection = await session.connection()
    for row in changed:
        values = row | {"source_type": OURS}
        again = {name: value for name, value in values.items() if name != "id"}
        again |= {"updated_at": func.now(), "retired_at": None}
        await connection.execute(
            insert(Pose)
            .values(**Pose(**values).model_dump())
            .on_conflict_do_update(index_elements=["id"], set_=again, where=and_(*OF_THE_FILES))
        )
    return len(changed)


async def retire_missing(session: AsyncSession, kept_ids: Sequence[str]) -> None:
    """A pose that left the files is no longer offered; what was made with it stays."""
    await session.exec(
        update(Pose)
        .where(
            *OF_THE_FILES,
            col(Pose.retired_at).is_(None),
            col(Pose.id).not_in(kept_ids),
        )
        .values(retired_at=func.now())
    )


async def count(session: AsyncSession) -> int:
    """Poses of the files that are offered, as they are or changed by an admin."""
    offered = select(func.count()).where(col(Pose.source_type) == OURS, col(Pose.retired_at).is_(None))
    return (await session.exec(offered)).one()
