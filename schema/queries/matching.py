"""Text mode: the library pose nearest to a user's words, if any is near enough."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from schema.queries import likeness, wording
from schema.tables import Generation, PoseSelection

THRESHOLD = 0.6
"""Below it the words alone guide the picture: a wrong skeleton is worse than none. Measured, see
docs/library-search.md."""
CANDIDATES = 30

NEAREST = text("""
    WITH library AS MATERIALIZED (
        SELECT ln(1 + count(*)) AS rarest, count(*)::float AS poses
        FROM pose_library WHERE is_public AND retired_at IS NULL
    ), asked AS (
        SELECT n, to_tsquery('simple', query) AS query
        FROM unnest(CAST(:queries AS text[])) WITH ORDINALITY AS asked (query, n)
    ), hits AS MATERIALIZED (
        SELECT pose.id, n FROM asked JOIN pose_library AS pose ON pose.search @@ asked.query
        WHERE is_public AND retired_at IS NULL AND NOT is_premium
    ), worth AS MATERIALIZED (
        SELECT n, ln(1 + (SELECT poses FROM library) / count(*)) AS worth
        FROM hits GROUP BY n
    ), best AS (
        SELECT id, sum(worth) AS score FROM hits JOIN worth USING (n) GROUP BY id
        ORDER BY score DESC, id LIMIT :candidates
    )
    SELECT pose.id, name, description, tags, keypoints, popularity_score,
           ARRAY(SELECT coalesce(worth, 0) FROM asked LEFT JOIN worth USING (n) ORDER BY n) AS worths,
           (SELECT rarest FROM library) AS rarest
      FROM best JOIN pose_library AS pose USING (id)
  ORDER BY popularity_score DESC, id
""")


@dataclass(frozen=True)
class Match:
    pose_id: str
    name: str
    keypoints: list[list[float] | None]
    confidence: float

    @property
    def sure(self) -> bool:
        return self.confidence >= THRESHOLD


async def choose_pose(session: AsyncSession, generation_id: str, wish: str) -> None:
    """Note the match with the generation, and its skeleton with the selection when it is sure enough."""
    generation = await session.get_one(Generation, generation_id)
    selection = await session.get_one(PoseSelection, (generation_id, 0))
    found = await nearest(session, wish)
    generation.generated_pose_structure = structure(found)
    if found and found.sure:
        selection.keypoints = found.keypoints


async def nearest(session: AsyncSession, said: str) -> Match | None:
    """The pose that fits best, however badly."""
    typed = wording.words_of(said)
    words = list(map(_surely, typed, await wording.spelled(session, typed)))
    asked = likeness.terms(words)
    connection = await session.connection()
    queries = [wording.any_form(term.concept) for term in asked]
    found = (await connection.execute(NEAREST, {"queries": queries, "candidates": CANDIDATES})).all()
    if not found:
        return None
    known = {term.concept: worth for term, worth in zip(asked, found[0].worths, strict=True) if worth}
    wish = likeness.Wish(asked, likeness.pairs(words), known, float(found[0].rarest))
    matches = (
        Match(row.id, row.name, row.keypoints, wish.likeness(row.name, row.tags, row.description))
        for row in found
    )
    return max(matches, key=lambda match: match.confidence)


def _surely(typed: str, perhaps: tuple[str, ...]) -> str:
    """A word that nobody knows may be no slip but something that no pose has."""
    return next((known for known in perhaps if wording.slip(typed, known)), typed)


def structure(found: Match | None) -> dict[str, Any]:
    """What a user is told of it."""
    if found is None:
        return {"poseId": None, "poseName": None, "confidence": 0.0, "used": False}
    return {
        "poseId": found.pose_id,
        "poseName": found.name,
        "confidence": round(found.confidence, 3),
        "used": found.sure,
    }
