"""Reading the pose library: what is public and not retired. Typing mistakes still find."""

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Text, cast, func, literal, or_, text, true
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from schema.errors import NotFound
from schema.kinds import Difficulty, Gender
from schema.pose import Keypoints, keypoints_from
from schema.queries import wording
from schema.tables import Pose, PoseCategory, PoseFavorite
from schema.tables.library import SEARCH

WITHIN = text("""
    WITH RECURSIVE within AS (
        SELECT id FROM pose_categories WHERE id = :category
        UNION SELECT child.id FROM pose_categories AS child JOIN within ON child.parent_id = within.id
    ) SELECT id FROM within
""")
Filters = Sequence[ColumnElement[bool]]
VISIBLE: Filters = (col(Pose.is_public) == true(), col(Pose.retired_at).is_(None))
PLANNED_FOR_ITS_WORDS = text("SET LOCAL plan_cache_mode = force_custom_plan")
"""The best way to find a common word is not that to find a rare one."""
COUNTED_TO = 10_000
"""Nobody turns so many pages, and counting a hundred thousand rows costs more than showing a page of them."""
RANKED = 300
"""A search by relevance lists so many at most."""


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
    favorite_of: str | None = None
    """Only what this user has marked."""
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
    """One page and how many there are in all, counted up to COUNTED_TO.

    A search tries ever wider readings until one finds something: as typed, as it may have been meant without
    the words that nobody knows, and the poses with any of its words.
    """
    filters = await _filters(session, wish)
    words = wording.words_of(wish.search)
    if not words:
        return await _page(session, wish, filters)
    await (await session.connection()).execute(PLANNED_FOR_ITS_WORDS)
    found: tuple[list[Pose], int] = [], 0
    async for query, ranking in _readings(session, words):
        fits = SEARCH.op("@@")(func.to_tsquery("simple", query))
        found = await _page(session, wish, [*filters, fits], ranking)
        if found[1]:
            break
    return found


async def _readings(session: AsyncSession, words: list[str]) -> AsyncIterator[tuple[str, str]]:
    """What finds, and what ranks."""
    typed: wording.Spellings = [(word,) for word in wording.telling(words)]
    yield wording.all_of(typed), wording.all_of(typed, ranking=True)
    known = [spelling for spelling in await wording.spelled(session, wording.telling(words)) if spelling]
    if known:
        yield wording.all_of(known), wording.all_of(known, ranking=True)
        yield wording.any_of(known), wording.any_of(known)


async def _filters(session: AsyncSession, wish: Wish) -> list[ColumnElement[bool]]:
    filters = list(VISIBLE)
    if wish.category is not None:
        connection = await session.connection()
        within = await connection.scalars(WITHIN, {"category": wish.category})
        filters.append(col(Pose.category_id).in_(within.all()))
    if wish.tags:
        filters.append(col(Pose.tags).op("&&")(cast(list(wish.tags), ARRAY(Text))))
    if wish.favorite_of is not None:
        own = select(PoseFavorite.pose_id).where(PoseFavorite.user_id == wish.favorite_of)
        filters.append(col(Pose.id).in_(own))
    exact = {
        Pose.difficulty: wish.difficulty,
        Pose.gender_suitability: wish.gender,
        Pose.is_featured: wish.featured,
        Pose.is_premium: wish.premium,
    }
    return filters + [col(field) == value for field, value in exact.items() if value is not None]


async def _page(
    session: AsyncSession, wish: Wish, filters: Filters, ranking: str | None = None
) -> tuple[list[Pose], int]:
    if ranking is not None and wish.sort is Sort.RELEVANCE:
        return await _best(session, wish, filters, ranking)
    total = await _count(session, filters, COUNTED_TO)
    if not total:
        return [], 0
    found = await session.exec(_sorted(filters, wish.sort, total).offset(_before(wish)).limit(wish.limit))
    return list(found), total


def _before(wish: Wish) -> int:
    return (wish.page - 1) * wish.limit


async def _count(session: AsyncSession, filters: Filters, most: int) -> int:
    counted = select(literal(1)).select_from(Pose).where(*filters).limit(most).subquery()
    return await session.scalar(select(func.count()).select_from(counted)) or 0


def _sorted(filters: Filters, sort: Sort, total: int) -> SelectOfScalar[Pose]:
    rows = select(Pose).order_by(*ORDERS[sort], col(Pose.id))
    if (
        sort is Sort.NAME and total < COUNTED_TO
    ):  # what belongs together has like names, perhaps the last ones
        few = select(Pose.id).where(*filters).cte().prefix_with("MATERIALIZED")
        return rows.where(col(Pose.id).in_(select(few.c.id)))
    return rows.where(*filters)


async def _best(session: AsyncSession, wish: Wish, filters: Filters, ranking: str) -> tuple[list[Pose], int]:
    """Ranking reads all words of a pose, so of very many that match only the most popular take part.

    Finding those is the costly part, so they are found once, for the page and for the count.
    """
    popular = select(Pose.id).where(*filters).order_by(*ORDERS[Sort.POPULAR], col(Pose.id)).limit(RANKED)
    matching = popular.cte().prefix_with("MATERIALIZED")
    asked = func.to_tsquery("simple", ranking)
    order = (SEARCH.op("@@")(asked).desc(), func.ts_rank(SEARCH, asked).desc(), *ORDERS[Sort.RELEVANCE])
    rows = select(Pose, func.count().over()).join(matching, matching.c.id == Pose.id)
    found = (
        await session.exec(rows.order_by(*order, col(Pose.id)).offset(_before(wish)).limit(wish.limit))
    ).all()
    if found:
        return [pose for pose, _ in found], found[0][1]
    return [], await _count(session, filters, RANKED) if wish.page > 1 else 0


async def read(session: AsyncSession, pose_id: str) -> Pose:
    found = await session.get(Pose, pose_id)
    if found is None or not found.is_public or found.retired_at is not None:
        raise NotFound("There is no such pose in the library.")
    return found


async def several(session: AsyncSession, pose_ids: Sequence[str]) -> list[Pose]:
    """In the order of the ids; those that nobody may see are left out."""
    found = await session.exec(select(Pose).where(col(Pose.id).in_(pose_ids), *VISIBLE))
    return sorted(found, key=lambda pose: pose_ids.index(pose.id))


Version = tuple[int, datetime | None]


async def version(session: AsyncSession) -> Version:
    """Another one after every change of what is shown; uses and favourites change nothing of it."""
    count = select(func.count()).select_from(Pose).where(*VISIBLE).scalar_subquery()
    changed = select(func.max(Pose.updated_at)).scalar_subquery()
    row = (await session.exec(select(count, changed))).one()
    return row[0], row[1]


async def skeletons(session: AsyncSession) -> dict[str, Keypoints]:
    rows = await session.exec(select(Pose.id, Pose.keypoints).where(*VISIBLE).order_by(col(Pose.id)))
    return {pose_id: keypoints_from(list(points)) for pose_id, points in rows}


async def drawn_as(session: AsyncSession, picture_key: str) -> Keypoints | None:
    """The skeleton of the pose that this is a picture of."""
    columns = (
        Pose.thumbnail_key,
        Pose.preview_image_key,
        Pose.reference_image_key,
        Pose.controlnet_image_key,
    )
    shown = or_(*(col(column) == picture_key for column in columns))
    found = (await session.exec(select(Pose).where(shown).limit(1))).first()
    return keypoints_from(found.keypoints) if found else None


async def usable(session: AsyncSession, pose_ids: Iterable[str]) -> dict[str, bool]:
    """Those of the poses that can be ordered, and whether they are premium."""
    rows = await session.exec(select(Pose.id, Pose.is_premium).where(col(Pose.id).in_(pose_ids), *VISIBLE))
    return dict(rows.all())


async def categories(session: AsyncSession) -> list[tuple[PoseCategory, int]]:
    """All of them, in the order in which they are shown, with the number of their own poses."""
    counts = (
        select(Pose.category_id, func.count().label("poses"))
        .where(*VISIBLE)
        .group_by(col(Pose.category_id))
        .subquery()
    )
    rows = await session.exec(
        select(PoseCategory, func.coalesce(counts.c.poses, 0))
        .join(counts, counts.c.category_id == PoseCategory.id, isouter=True)
        .order_by(col(PoseCategory.position), col(PoseCategory.name))
    )
    return [(category, count) for category, count in rows]
