"""A project's own poses: its owner's alone, and for that project's generations only.

Deletion hides a pose and keeps its row, so what was made with it still says which it was.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from schema import ids
from schema.errors import Conflict, NotFound
from schema.queries import projects
from schema.tables import Pose
from schema.tables.columns import now

CUSTOM = "custom"
MAX_PER_PROJECT = 200


async def require_room(session: AsyncSession, project_id: str, user_id: str, *, lock: bool = False) -> None:
    """With the lock nobody else adds a pose to the project meanwhile."""
    project = await projects.owned(session, project_id, user_id, lock=lock)
    kept = await session.scalar(select(func.count()).select_from(Pose).where(*_of(project.id)))
    if (kept or 0) >= MAX_PER_PROJECT:
        raise Conflict(f"A project holds at most {MAX_PER_PROJECT} poses of its own. Delete some first.")


async def create(session: AsyncSession, project_id: str, user_id: str, values: dict[str, Any]) -> Pose:
    await require_room(session, project_id, user_id, lock=True)
    pose = Pose(
        id=ids.pose_id(),
        project_id=project_id,
        is_public=False,
        source_type=CUSTOM,
        license_type="private",
        **values,
    )
    session.add(pose)
    return pose


async def page(
    session: AsyncSession, project_id: str, user_id: str, number: int, limit: int
) -> tuple[list[Pose], int]:
    """Newest first, and how many there are in all."""
    project = await projects.owned(session, project_id, user_id)
    wanted = _of(project.id)
    total = await session.scalar(select(func.count()).select_from(Pose).where(*wanted))
    rows = select(Pose).where(*wanted).order_by(col(Pose.created_at).desc(), col(Pose.id).desc())
    return list(await session.exec(rows.offset((number - 1) * limit).limit(limit))), total or 0


async def owned(session: AsyncSession, project_id: str, pose_id: str, user_id: str) -> Pose:
    project = await projects.owned(session, project_id, user_id)
    found = (await session.exec(select(Pose).where(Pose.id == pose_id, *_of(project.id)))).one_or_none()
    if found is None:
        raise NotFound("This project has no such pose.")
    return found


async def delete(session: AsyncSession, project_id: str, pose_id: str, user_id: str) -> None:
    pose = await owned(session, project_id, pose_id, user_id)
    pose.retired_at = pose.updated_at = now()


async def usable(session: AsyncSession, project_id: str, pose_ids: Iterable[str]) -> set[str]:
    """Those of the poses that are the project's own; whose project it is has been asked before."""
    return set(await session.exec(select(Pose.id).where(col(Pose.id).in_(pose_ids), *_of(project_id))))


def _of(project_id: str) -> tuple[Any, ...]:
    return (Pose.project_id == project_id, col(Pose.retired_at).is_(None))
