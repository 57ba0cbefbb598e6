"""A user's own figures: kept counts of what is settled, and the pictures of what still runs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from schema.queries import figures
from schema.queries.figures import PICTURES, Figures

DAYS = 30
MOST_POSES = 5
UNSETTLED = "g.user_id = :user_id AND g.settled_at IS NULL"

# All that is older than the days asked for is one row, without a day.
BY_DAY = text(
    figures.summed(
        "CASE WHEN day >= :since THEN day END",
        figures.kept("user_id = :user_id"),
        figures.counted(PICTURES.format(where=UNSETTLED)),
    )
)
RUNNING = text("""
    SELECT status, count(*) AS generations FROM pose_generations
    WHERE user_id = :user_id AND settled_at IS NULL GROUP BY status
""")
# A pose of a project shows itself to that project's owner only, whatever the counts say.
TOP_POSES = text("""
    SELECT pose.id, pose.name, pose.thumbnail_key, pose.project_id IS NOT NULL AS is_custom, used.pictures
    FROM (
        SELECT pose_id, sum(pictures)::bigint AS pictures
        FROM (
            SELECT pose_id, pictures FROM user_poses WHERE user_id = :user_id
            UNION ALL
            SELECT i.pose_id, 1 FROM generated_poses i JOIN pose_generations g ON g.id = i.generation_id
            WHERE g.user_id = :user_id AND g.settled_at IS NULL AND i.status = 'completed'
        ) AS all_used
        GROUP BY pose_id
    ) AS used
    JOIN pose_library AS pose ON pose.id = used.pose_id
    WHERE pose.project_id IS NULL
        OR pose.project_id IN (SELECT id FROM pose_generator_projects WHERE user_id = :user_id)
    ORDER BY used.pictures DESC, pose.id LIMIT :most
""")
FAVORITES = text("""
    SELECT (SELECT count(*) FROM pose_favorites WHERE user_id = :user_id) AS poses,
        (SELECT count(*) FROM generated_poses i JOIN pose_generations g ON g.id = i.generation_id
            WHERE i.is_favorite AND g.user_id = :user_id) AS pictures
""")


@dataclass(frozen=True)
class TopPose:
    id: str
    name: str
    thumbnail_key: str | None
    is_custom: bool
    pictures: int


@dataclass(frozen=True)
class Favorites:
    poses: int
    pictures: int


@dataclass(frozen=True)
class Stats:
    days: Mapping[date, Figures]
    """The last ones, oldest first, those without anything included."""
    before: Figures
    running: Mapping[str, int]
    """Generations that have not ended, by status."""
    top_poses: Sequence[TopPose]
    favorites: Favorites


async def of_user(session: AsyncSession, user_id: str, today: date) -> Stats:
    first = today - timedelta(days=DAYS - 1)
    asked = {"user_id": user_id, "since": first, "most": MOST_POSES}
    connection = await session.connection()
    counts = await connection.execute(BY_DAY, asked)
    found = {row["key"]: Figures.of(row) for row in counts.mappings()}
    running = await connection.execute(RUNNING, asked)
    poses = await connection.execute(TOP_POSES, asked)
    favorites = await connection.execute(FAVORITES, asked)
    return Stats(
        days={day: found.get(day, Figures()) for day in (first + timedelta(days=n) for n in range(DAYS))},
        before=found.get(None, Figures()),
        running={row.status: row.generations for row in running},
        top_poses=[TopPose(*row) for row in poses],
        favorites=Favorites(*favorites.one()),
    )
