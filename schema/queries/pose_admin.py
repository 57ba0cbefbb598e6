"""Changing the library by hand. What an admin decides outlasts every seeding; no pose is ever deleted."""

from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from schema import ids
from schema.errors import NotFound, ValidationFailed
from schema.tables import Pose, PoseCategory
from schema.tables.columns import now

CURATED = "curated"
"""The source type of poses that admins have made."""


async def create(session: AsyncSession, values: dict[str, Any]) -> Pose:
    await require_category(session, values["category_id"])
    pose = Pose(id=ids.pose_id(), source_type=CURATED, edited_at=now(), **values)
    session.add(pose)
    return pose


async def change(
    session: AsyncSession, pose_id: str, values: dict[str, Any], *, retired: bool | None = None
) -> Pose:
    pose = await find(session, pose_id, lock=True)
    await require_category(session, values.get("category_id"))
    for name, value in values.items():
        setattr(pose, name, value)
    if retired is not None:
        pose.retired_at = (pose.retired_at or now()) if retired else None
    pose.edited_at = pose.updated_at = now()
    return pose


async def retire(session: AsyncSession, pose_id: str) -> None:
    """Once more changes nothing."""
    pose = await find(session, pose_id, lock=True)
    if pose.retired_at is None:
        pose.retired_at = pose.edited_at = pose.updated_at = now()


async def find(session: AsyncSession, pose_id: str, *, lock: bool = False) -> Pose:
    """Also one that is retired or hidden, but never a project's own."""
    query = select(Pose).where(Pose.id == pose_id, col(Pose.project_id).is_(None))
    found = (await session.exec(query.with_for_update(key_share=True) if lock else query)).one_or_none()
    if found is None:
        raise NotFound("There is no such pose in the library.")
    return found


async def require_category(session: AsyncSession, category_id: str | None) -> None:
    if category_id is not None and await session.get(PoseCategory, category_id) is None:
        details = [{"path": "categoryId", "in": "body", "message": "is not a category"}]
        raise ValidationFailed("There is no such category. See GET /categories.", details=details)
