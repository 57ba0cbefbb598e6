"""Marking poses: a user's mark is there or not, and a pose knows how many have marked it."""

from sqlalchemy import delete, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from schema.queries import library
from schema.tables import Pose, PoseFavorite
from schema.tables.columns import now


async def mark(session: AsyncSession, user_id: str, pose_id: str) -> int:
    """How many have marked the pose now. Once more changes nothing."""
    await library.read(session, pose_id)
    made = await session.scalar(
        insert(PoseFavorite)
        .values(user_id=user_id, pose_id=pose_id, created_at=now())
        .on_conflict_do_nothing()
        .returning(col(PoseFavorite.pose_id))
    )
    return await _count(session, pose_id, 1 if made else 0)


async def unmark(session: AsyncSession, user_id: str, pose_id: str) -> int:
    """Also of a pose that has been retired since; once more changes nothing."""
    mine = (col(PoseFavorite.user_id) == user_id, col(PoseFavorite.pose_id) == pose_id)
    gone = await session.scalar(delete(PoseFavorite).where(*mine).returning(col(PoseFavorite.pose_id)))
    if not gone:
        await library.read(session, pose_id)
    return await _count(session, pose_id, -1 if gone else 0)


async def is_marked(session: AsyncSession, user_id: str, pose_id: str) -> bool:
    return await session.get(PoseFavorite, (user_id, pose_id)) is not None


async def _count(session: AsyncSession, pose_id: str, more: int) -> int:
    if more:
        change = update(Pose).where(col(Pose.id) == pose_id)
        await session.exec(change.values(favorite_count=col(Pose.favorite_count) + more))
    return (await session.exec(select(Pose.favorite_count).where(Pose.id == pose_id))).one()
