"""Reading the pose library: what is public and not retired. Typing mistakes still find."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Text, TextClause, cast, column, func, text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from schema.errors import NotFound
from schema.kinds import Difficulty, Gender
from schema.tables import Pose, PoseCategory
from schema.tables.library import SEARCH

SIMILAR = 0.33
"""How alike a word and its nearest in a pose must be, 0..1: two swapped letters in seven give a third."""

WITHIN = text("""
    WITH RECURSIVE within AS (
        SELECT id FROM pose_categories WHERE id = :category
        UNION SELECT child.id FROM pose_categories AS child JOIN within ON child.parent_id = within.id
    ) SELECT id FROM within
""").columns(column("id"))
LIKENESS = """(
    SELECT min(strict_word_similarity(word, lower(name || ' ' || joined(tags) || ' ' || description)))
    FROM unnest(CAST(:words AS text[])) AS word
)"""


class Sort(StrEnum):
    RELEVANCE = "relevance"
    POPULAR = "popular"
    NEWEST = "newest"
    NAME = "name"
    RATING = "rating"
    USAGE = "usage"


@dataclass(frozen=True)
class Wish:
    category: str | None = None
    difficulty: Difficulty | None = None
    gender: Gender | None = None
    featured: bool | None = None
    premium: bool | None = None
    tags: tuple[str, ...] = ()
    """Any of them."""
    search: str | None = None
    sort: Sort = Sort.RELEVANCE
    page: int = 1
    limit: int = 24


ORDERS: dict[Sort, tuple[Any, ...]] = {
    Sort.RELEVANCE: (col(Pose.is_featured).desc(), col(Pose.popularity_score).desc()),
    Sort.POPULAR: (col(Pose.popularity_score).desc(),),
    Sort.NEWEST: (col(Pose.created_at).desc(),),
    Sort.NAME: (func.lower(Pose.name),),
    Sort.RATING: (col(Pose.rating_avg).desc(),),
    Sort.USAGE: (col(Pose.usage_count).desc(),),
}


async def browse(session: AsyncSession, wish: Wish) -> tuple[list[Pose], int]:
    """One page and how many there are in all."""
    words = re.findall(r"\w+", (wish.search or "").lower())
    if not words:
        return await _page(session, wish, _filters(wish), ())
    asked = func.to_tsquery("simple", " & ".join(f"{word}:*" for word in words))
    found = await _page(
        session, wish, [*_filters(wish), SEARCH.op("@@")(asked)], (func.ts_rank(SEARCH, asked).desc(),)
    )
    return found if found[1] else await _similar(session, wish, words)


async def _similar(session: AsyncSession, wish: Wish, words: list[str]) -> tuple[list[Pose], int]:
    near = text(f"{LIKENESS} >= {SIMILAR}").bindparams(words=words)
    nearest = text(f"{LIKENESS} DESC").bindparams(words=words)
    return await _page(session, wish, [*_filters(wish), near], (nearest,))


def _filters(wish: Wish) -> list[ColumnElement[bool]]:
    filters = [col(Pose.is_public).is_(True), col(Pose.retired_at).is_(None)]
    if wish.category is not None:
        filters.append(col(Pose.category_id).in_(WITHIN.bindparams(category=wish.category)))
    if wish.tags:
        filters.append(col(Pose.tags).op("&&")(cast(list(wish.tags), ARRAY(Text))))
    exact = {
        Pose.difficulty: wish.difficulty,
        Pose.gender_suitability: wish.gender,
        Pose.is_featured: wish.featured,
        Pose.is_premium: wish.premium,
    }
    return filters + [col(field) == value for field, value in exact.items() if value is not None]


async def _page(
    session: AsyncSession,
    wish: Wish,
    filters: Iterable[ColumnElement[bool] | TextClause],
    relevance: tuple[Any, ...],
) -> tuple[list[Pose], int]:
    total = await session.scalar(select(func.count()).select_from(Pose).where(*filters))
    order = (relevance if wish.sort is Sort.RELEVANCE else ()) + ORDERS[wish.sort]
    rows = select(Pose).where(*filters).order_by(*order, col(Pose.id))
    found = await session.exec(rows.offset((wish.page - 1) * wish.limit).limit(wish.limit))
    return list(found), total or 0


async def read(session: AsyncSession, pose_id: str) -> Pose:
    found = await session.get(Pose, pose_id)
    if found is None or not found.is_public or found.retired_at is not None:
        raise NotFound("There is no such pose in the library.")
    return found


async def usable(session: AsyncSession, pose_ids: Iterable[str]) -> dict[str, bool]:
    """Those of the poses that can be ordered, and whether they are premium."""
    rows = await session.exec(
        select(Pose.id, Pose.is_premium).where(
            col(Pose.id).in_(pose_ids), col(Pose.is_public).is_(True), col(Pose.retired_at).is_(None)
        )
    )
    return dict(rows.all())


async def categories(session: AsyncSession) -> list[tuple[PoseCategory, int]]:
    """All of them, in the order in which they are shown, with the number of their own poses."""
    visible = col(Pose.is_public).is_(True) & col(Pose.retired_at).is_(None)
    rows = await session.exec(
        select(PoseCategory, func.count(col(Pose.id)))
        .join(Pose, (col(Pose.category_id) == PoseCategory.id) & visible, isouter=True)
        .group_by(col(PoseCategory.id))
        .order_by(col(PoseCategory.position), col(PoseCategory.name))
    )
    return [(category, count) for category, count in rows]
