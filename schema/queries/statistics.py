"""What a settled generation adds to the counts of its user, its project, its avatar and its poses."""

from collections import Counter
from collections.abc import Iterable

from sqlalchemy import func, text, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from schema.kinds import ItemStatus
from schema.queries import figures
from schema.tables import Avatar, AvatarUsage, Generation, Item, Project

# Poses are everyone's: locked in one order, or two generations that end together could wait for each other.
COUNT_POSES = text("""
    WITH used AS (
        SELECT pose.id, used.items
        FROM unnest(CAST(:pose_ids AS text[]), CAST(:items AS int[])) AS used (id, items)
        JOIN pose_library AS pose USING (id)
        ORDER BY pose.id FOR NO KEY UPDATE OF pose
    ), of_user AS (
        INSERT INTO user_poses (user_id, pose_id, pictures) SELECT :user_id, id, items FROM used
        ON CONFLICT (user_id, pose_id) DO UPDATE SET pictures = user_poses.pictures + excluded.pictures
    )
    UPDATE pose_library AS pose SET usage_count = usage_count + used.items FROM used WHERE pose.id = used.id
""")


async def count(session: AsyncSession, generation: Generation, items: Iterable[Item]) -> None:
    await figures.keep(session, generation.id)
    await session.exec(
        update(Project)
        .where(col(Project.id) == generation.project_id)
        .values(
            total_generations=col(Project.total_generations) + 1,
            total_poses=col(Project.total_poses) + generation.poses_completed,
            updated_at=func.now(),
        )
    )
    if generation.poses_completed:
        await _count_avatar(session, generation)
        await _count_poses(session, generation.user_id, items)


async def _count_avatar(session: AsyncSession, generation: Generation) -> None:
    if generation.avatar_id is not None:
        session.add(AvatarUsage(avatar_id=generation.avatar_id, generation_id=generation.id))
        used = update(Avatar).where(col(Avatar.id) == generation.avatar_id)
        await session.exec(used.values(usage_count=col(Avatar.usage_count) + 1))


async def _count_poses(session: AsyncSession, user_id: str, items: Iterable[Item]) -> None:
    used = Counter(item.pose_id for item in items if item.pose_id and item.status == ItemStatus.COMPLETED)
    connection = await session.connection()
    await connection.execute(
        COUNT_POSES, {"user_id": user_id, "pose_ids": list(used), "items": list(used.values())}
    )
