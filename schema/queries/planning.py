"""What a generation is to make, as it was when it was paid for."""

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from schema.kinds import GenerationStatus
from schema.pose import Keypoints, keypoints_from
from schema.tables import Avatar, Generation, PoseSelection

AVATAR_WORDS = ("age_range", "ethnicity", "gender", "body_type", "style")


async def selections(session: AsyncSession, generation_id: str) -> list[PoseSelection]:
    rows = await session.exec(
        select(PoseSelection)
        .where(PoseSelection.generation_id == generation_id)
        .order_by(col(PoseSelection.position))
    )
    return list(rows)


async def avatar_words(session: AsyncSession, avatar_id: str | None) -> list[str]:
    """The avatar's attributes, in the order a sentence would have them."""
    avatar = await session.get(Avatar, avatar_id) if avatar_id else None
    return [value for name in AVATAR_WORDS if avatar and (value := getattr(avatar, name))]


async def keypoints_of(session: AsyncSession, generation_id: str, position: int) -> Keypoints | None:
    """The skeleton of one pose of a generation, where it has one."""
    row = await session.get(PoseSelection, (generation_id, position))
    if row is None or row.keypoints is None:
        return None
    return keypoints_from(row.keypoints)


async def note_status(session: AsyncSession, generation_id: str, status: GenerationStatus) -> None:
    """A settled generation is left as it is: its status is final."""
    await session.exec(
        update(Generation)
        .where(col(Generation.id) == generation_id, col(Generation.settled_at).is_(None))
        .values(status=status)
    )
