"""A user's generations: history, one of them, and what a retry or a stream must know. Owners only."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import func, tuple_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from schema.cursors import Place
from schema.errors import NotFound
from schema.kinds import GenerationStatus, ItemStatus
from schema.messages.orders import PosePick
from schema.tables import Generation, Item
from schema.tables.columns import now


async def owned(session: AsyncSession, generation_id: str, user_id: str) -> Generation:
    query = select(Generation).where(Generation.id == generation_id, Generation.user_id == user_id)
    found = (await session.exec(query)).one_or_none()
    if found is None:
        raise NotFound("There is no such generation.")
    return found


async def history(
    session: AsyncSession,
    user_id: str,
    *,
    after: Place | None,
    limit: int,
    status: GenerationStatus | None = None,
    project_id: str | None = None,
) -> Sequence[Generation]:
    """Newest first."""
    query = select(Generation).where(Generation.user_id == user_id)
    if status is not None:
        query = query.where(Generation.status == status)
    if project_id is not None:
        query = query.where(Generation.project_id == project_id)
    place = tuple_(col(Generation.created_at), col(Generation.id))
    if after is not None:
        query = query.where(place < after)
    newest_first = (col(Generation.created_at).desc(), col(Generation.id).desc())
    return (await session.exec(query.order_by(*newest_first).limit(limit))).all()


async def undelivered(session: AsyncSession, generation_id: str) -> tuple[PosePick, ...]:
    """The pictures that were paid for and never came, by pose, in their old order."""
    rows = await session.exec(
        select(Item.pose_id, func.count())
        .where(Item.generation_id == generation_id, Item.status != ItemStatus.COMPLETED)
        .group_by(col(Item.position), col(Item.pose_id))
        .order_by(col(Item.position))
    )
    return tuple(PosePick(pose_id=pose_id, variations=count) for pose_id, count in rows)


async def running(session: AsyncSession, user_id: str, limit: int) -> Sequence[str]:
    """Newest first: ids sort by time."""
    query = select(Generation.id).where(Generation.user_id == user_id, col(Generation.settled_at).is_(None))
    return (await session.exec(query.order_by(col(Generation.id).desc()).limit(limit))).all()


async def just_settled(session: AsyncSession, user_id: str, within: timedelta, limit: int) -> Sequence[str]:
    """What a client may have missed while it was away. Older runs than a day are not looked through."""
    at = now()
    query = select(Generation.id).where(
        Generation.user_id == user_id,
        Generation.created_at > at - timedelta(days=1),
        col(Generation.settled_at) > at - within,
    )
    return (await session.exec(query.order_by(col(Generation.created_at).desc()).limit(limit))).all()
