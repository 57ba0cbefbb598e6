"""A user's projects. Every query names the owner; deletion keeps the row and hides it."""

from typing import Any

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from schema import ids
from schema.errors import Conflict, NotFound
from schema.kinds import ChangeStatus, ProjectStatus
from schema.queries import uploads
from schema.tables import Avatar, BackgroundChange, Generation, Project
from schema.tables.columns import now


async def page(
    session: AsyncSession, user_id: str, status: ProjectStatus | None, number: int, limit: int
) -> tuple[list[Project], int]:
    """Newest first, and how many there are in all."""
    wanted = [Project.user_id == user_id, Project.status != ProjectStatus.DELETED]
    if status is not None:
        wanted.append(Project.status == status)
    total = await session.scalar(select(func.count()).select_from(Project).where(*wanted))
    rows = select(Project).where(*wanted).order_by(col(Project.created_at).desc(), col(Project.id).desc())
    return list(await session.exec(rows.offset((number - 1) * limit).limit(limit))), total or 0


async def owned(session: AsyncSession, project_id: str, user_id: str, *, lock: bool = False) -> Project:
    query = select(Project).where(
        Project.id == project_id, Project.user_id == user_id, Project.status != ProjectStatus.DELETED
    )
    found = (await session.exec(query.with_for_update() if lock else query)).one_or_none()
    if found is None:
        raise NotFound("There is no such project.")
    return found


async def create(session: AsyncSession, user_id: str, values: dict[str, Any]) -> Project:
    await require_avatar(session, values.get("avatar_id"), user_id)
    await uploads.hold(session, values.get("avatar_image_id"), user_id)
    project = Project(id=ids.project_id(), user_id=user_id, **values)
    session.add(project)
    return project


async def change(session: AsyncSession, project_id: str, user_id: str, values: dict[str, Any]) -> Project:
    project = await owned(session, project_id, user_id, lock=True)
    await require_avatar(session, values.get("avatar_id"), user_id)
    await uploads.hold(session, values.get("avatar_image_id"), user_id)
    for name, value in values.items():
        setattr(project, name, value)
    project.updated_at = now()
    return project


async def delete(session: AsyncSession, project_id: str, user_id: str) -> None:
    """Refused while anything paid for is under way. The lock keeps a charge from adding some meanwhile."""
    project = await owned(session, project_id, user_id, lock=True)
    running = select(Generation.id).where(
        Generation.user_id == user_id,
        Generation.project_id == project_id,
        col(Generation.settled_at).is_(None),
    )
    if (await session.exec(running.limit(1))).first():
        raise Conflict("A generation of this project is still running. Cancel it or wait for its end.")
    changing = select(BackgroundChange.id).join(
        Generation, col(Generation.id) == BackgroundChange.generation_id
    )
    pending = changing.where(
        Generation.project_id == project_id, BackgroundChange.status == ChangeStatus.PENDING
    )
    if (await session.exec(pending.limit(1))).first():
        raise Conflict("The background of a picture of this project is being changed. Wait for its end.")
    project.status = ProjectStatus.DELETED
    project.avatar_image_id = None
    project.updated_at = now()


async def require_avatar(session: AsyncSession, avatar_id: str | None, user_id: str) -> None:
    if avatar_id is None:
        return
    mine = select(Avatar.id).where(Avatar.id == avatar_id, Avatar.user_id == user_id)
    if (await session.exec(mine)).first() is None:
        raise NotFound("There is no such avatar.")
