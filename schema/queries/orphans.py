"""Objects that nothing refers to any more. Each is marked when it is first seen so, and deleted a grace time
later if it still is: whoever was just given its address can open it, and whatever is under way can finish.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import delete, text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from schema import keys
from schema.tables import StorageOrphan

# All that belongs to what still runs is in use; else what a row names, and what belongs to a whole thing.
OPEN = text("""
    SELECT id FROM pose_generations WHERE id = ANY(:owners) AND settled_at IS NULL
    UNION SELECT generation_id FROM background_changes
        WHERE status = 'pending' AND generation_id = ANY(:owners)
    UNION SELECT id FROM background_changes WHERE status = 'pending' AND id = ANY(:owners)
""")
WHOLE = text("""
    SELECT id FROM uploads WHERE id = ANY(:owners)
    UNION SELECT id FROM pose_generations WHERE id = ANY(:owners)
    UNION SELECT id FROM background_changes WHERE id = ANY(:owners)
""")
NAMED = text("""
    SELECT key FROM (
        SELECT unnest(ARRAY[image_key, original_image_key, thumbnail_key, map_key]) AS key
        FROM generated_poses WHERE generation_id = ANY(:owners)
        UNION SELECT file.value ->> 'key' FROM generated_poses, jsonb_each(exports) AS file
        WHERE generation_id = ANY(:owners)
        UNION SELECT unnest(ARRAY[before_image_key, image_key])
        FROM background_changes WHERE generation_id = ANY(:owners)
    ) AS named
    WHERE key = ANY(:keys)
""")


async def among(session: AsyncSession, object_keys: Collection[str]) -> set[str]:
    """Those of the keys that nothing refers to. What is shared, or none of ours, is never among them."""
    owners = {key: owner for key in object_keys if (owner := keys.owner(key))}
    asked = {"owners": list(set(owners.values())), "keys": list(owners)}
    connection = await session.connection()
    running = {row[0] for row in await connection.execute(OPEN, asked)}
    whole = {row[0] for row in await connection.execute(WHOLE, asked)}
    named = {row[0] for row in await connection.execute(NAMED, asked)}
    return {
        key
        for key, owner in owners.items()
        if owner not in running and key not in named and not (keys.is_whole(key) and owner in whole)
    }


async def marks(session: AsyncSession, object_keys: Collection[str]) -> dict[str, datetime]:
    """When each was first seen without a use."""
    query = select(StorageOrphan.key, StorageOrphan.found_at)
    return dict((await session.exec(query.where(col(StorageOrphan.key).in_(object_keys)))).all())


async def mark(session: AsyncSession, object_keys: Collection[str], found_at: datetime) -> None:
    if object_keys:
        rows = [{"key": key, "found_at": found_at} for key in sorted(object_keys)]
        await session.exec(insert(StorageOrphan).values(rows).on_conflict_do_nothing())


async def forget(session: AsyncSession, object_keys: Sequence[str]) -> None:
    if object_keys:
        await session.exec(delete(StorageOrphan).where(col(StorageOrphan.key).in_(sorted(object_keys))))
