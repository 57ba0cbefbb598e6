"""A user's avatars: who is in the pictures, and in which they were. Every query names the owner."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from schema import ids
from schema.errors import Conflict, NotFound
from schema.kinds import AvatarSource
from schema.queries import locks, uploads
from schema.tables import Avatar, AvatarUsage, Generation, Project

MAX_PER_USER = 100

Sitter = tuple[str | None, str | None]
"""An avatar and a picture, by their ids: who a generation is of."""


async def page(session: AsyncSession, user_id: str, number: int, limit: int) -> tuple[list[Avatar], int]:
    """Newest first, and how many there are in all."""
    total = await session.scalar(_count(user_id))
    rows = select(Avatar).where(Avatar.user_id == user_id)
    newest_first = rows.order_by(col(Avatar.created_at).desc(), col(Avatar.id).desc())
    return list(await session.exec(newest_first.offset((number - 1) * limit).limit(limit))), total or 0


async def owned(session: AsyncSession, avatar_id: str, user_id: str, *, lock: bool = False) -> Avatar:
    query = select(Avatar).where(Avatar.id == avatar_id, Avatar.user_id == user_id)
    found = (await session.exec(query.with_for_update() if lock else query)).one_or_none()
    if found is None:
        raise NotFound("There is no such avatar.")
    return found


async def require_room(session: AsyncSession, user_id: str) -> None:
    if (await session.scalar(_count(user_id)) or 0) >= MAX_PER_USER:
        raise Conflict(f"You have {MAX_PER_USER} avatars, the most there can be. Delete one first.")


async def create(session: AsyncSession, user_id: str, values: dict[str, Any]) -> Avatar:
    await locks.user(session, user_id)
    await require_room(session, user_id)
    await uploads.hold(session, values.get("image_id"), user_id)
    avatar = Avatar(id=ids.avatar_id(), user_id=user_id, **values)
    session.add(avatar)
    return avatar


async def change(session: AsyncSession, avatar_id: str, user_id: str, values: dict[str, Any]) -> Avatar:
    avatar = await owned(session, avatar_id, user_id, lock=True)
    await uploads.hold(session, values.get("image_id"), user_id)
    for name, value in values.items():
        setattr(avatar, name, value)
    return avatar


async def delete(session: AsyncSession, avatar_id: str, user_id: str) -> None:
    """Projects lose it; what was made with it stays, and so does its picture among the uploads."""
    await locks.user(session, user_id)
    await session.delete(await owned(session, avatar_id, user_id, lock=True))


async def usage(
    session: AsyncSession, avatar_id: str, user_id: str, *, before_id: int | None, limit: int
) -> Sequence[tuple[AvatarUsage, Generation]]:
    """Newest first."""
    await owned(session, avatar_id, user_id)
    query = (
        select(AvatarUsage, Generation)
        .join(Generation, col(Generation.id) == AvatarUsage.generation_id)
        .where(AvatarUsage.avatar_id == avatar_id)
    )
    if before_id is not None:
        query = query.where(col(AvatarUsage.id) < before_id)
    return (await session.exec(query.order_by(col(AvatarUsage.id).desc()).limit(limit))).all()


async def sitter(session: AsyncSession, project: Project, avatar_id: str | None, user_id: str) -> Sitter:
    """The order's avatar, else the project's; a project may have a picture in place of an avatar."""
    if avatar_id is None and project.avatar_source == AvatarSource.UPLOAD:
        return None, project.avatar_image_id
    avatar_id = avatar_id or project.avatar_id
    return (avatar_id, (await owned(session, avatar_id, user_id)).image_id) if avatar_id else (None, None)


def _count(user_id: str) -> Any:
    return select(func.count()).select_from(Avatar).where(Avatar.user_id == user_id)
