"""What a generation is to make, as it was when it was paid for."""

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from schema.kinds import GenerationStatus
from schema.pose import Keypoints, keypoints_from
from schema.tables import Avatar, Generation, PoseSelection


async def selections(session: AsyncSession, generation_id: str) -> list[PoseSelection]:
    rows = await session.exec(
        select(PoseSelection)
        .where(PoseSelection.generation_id == generation_id)
        .order_by(col(PoseSelection.position))
    )
    return list(rows)


async def avatar_traits(session: AsyncSession, avatar_id: str | None) -> dict[str, str | None]:
    """What the avatar is like, by column; nothing without one, or when it has been deleted."""
    avatar = await session.get(Avatar, avatar_id) if avatar_id else None
    return avatar.model_dump() if avatar else {}


async def keypoints_of(session: AsyncSession, generation_id: str, position: int) -> Keypoints | None:
    """The skeleton of one pose of a generation, where it has one."""
    query = select(PoseSelection.keypoints).where(
        PoseSelection.generation_id == generation_id, PoseSelection.position == position
    )
    kept = (await session.exec(query)).first()
    return keypoints_from(kept) if kept else None


async def note_status(session: AsyncSession, generation_id: str, status: GenerationStatus) -> None:
    """A settled generation is left as it is: its status is final."""
    await session.exec(
        update(Generation)
        .where(col(Generation.id) == generation_id, col(Generation.settled_at).is_(None))
        .values(status=status)
    )
