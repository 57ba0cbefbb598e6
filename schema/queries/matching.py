"""Text mode: the library pose nearest to a user's words, if any is near enough."""

from typing import Any

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from schema.tables import Generation, PoseSelection

THRESHOLD = 0.3
"""Below it the words alone guide the picture: a wrong skeleton is worse than none."""

NEAREST = text("""
    WITH words AS (SELECT tsvector_to_array(to_tsvector('simple', :wish)) AS wished)
    SELECT id, name, keypoints,
           0.5 * word_similarity(lower(name), lower(:wish))
         + 0.5 * (SELECT count(*) FROM unnest(wished) w WHERE w = ANY (tsvector_to_array(search)))
               / greatest(1, cardinality(wished)) AS score
      FROM pose_library, words
     WHERE is_public AND retired_at IS NULL AND NOT is_premium
  ORDER BY score DESC, popularity_score DESC, id
     LIMIT 1
""")


async def choose_pose(session: AsyncSession, generation_id: str, wish: str) -> None:
    """Note the match with the generation, and its skeleton with the selection when it is sure enough."""
    generation = await session.get_one(Generation, generation_id)
    selection = await session.get_one(PoseSelection, (generation_id, 0))
    connection = await session.connection()
    found = (await connection.execute(NEAREST, {"wish": wish})).mappings().first()
    used = found is not None and found["score"] >= THRESHOLD
    generation.generated_pose_structure = _structure(dict(found) if found else None, used=used)
    if found and used:
        selection.keypoints = found["keypoints"]


def _structure(found: dict[str, Any] | None, *, used: bool) -> dict[str, Any]:
    if found is None:
        return {"poseId": None, "poseName": None, "confidence": 0.0, "used": False}
    return {
        "poseId": found["id"],
        "poseName": found["name"],
        "confidence": round(float(found["score"]), 3),
        "used": used,
    }
