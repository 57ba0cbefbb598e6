"""The pose library, its categories and the export formats."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from api.dependencies import CurrentUser, DbSession, Page, Parts, Urls
from api.openapi import failures
from imaging import formats as export_formats
from schema.errors import NotFound
from schema.kinds import Difficulty, Gender
from schema.models.base import Pagination
from schema.models.formats import FormatCategoryView, FormatsAnswer, FormatView
from schema.models.library import (
    CategoriesAnswer,
    CategoryView,
    FavoriteAnswer,
    LibraryAnswer,
    PoseAnswer,
    PoseDetail,
    PoseView,
    RelatedAnswer,
)
from schema.queries import favorites, library
from schema.queries.library import Sort, Wish
from schema.tables import PoseCategory

router = APIRouter(tags=["library"])
Tags = Annotated[str | None, Query(max_length=500, description="Separated by commas; any of them.")]
Search = Annotated[
    str | None,
    Query(
        max_length=200, description="Name, description and tags, in English or Indonesian; typos still find."
    ),
]
Favorites = Annotated[
    bool, Query(alias="favorites", description="Only the poses that the caller has marked.")
]
Limit = Annotated[int, Query(ge=1, le=100)]
Few = Annotated[int, Query(ge=1, le=48)]
PoseId = Annotated[str, Path(max_length=64)]
Category = Annotated[str | None, Query(max_length=100, description="With all categories below it.")]


@router.get(
    "/library",
    operation_id="listPoses",
    summary="Browse the poses",
    description="`pagination.total` counts up to 10,000; a search by relevance lists its 300 best.",
    responses=failures(),
)
async def browse(
    *,
    session: DbSession,
    caller: CurrentUser,
    url: Urls,
    category: Category = None,
    difficulty: Difficulty | None = None,
    gender: Gender | None = None,
    featured: bool | None = None,
    premium: bool | None = None,
    tags: Tags = None,
    search: Search = None,
    only_marked: Favorites = False,
    sort: Sort = Sort.RELEVANCE,
    page: Page = 1,
    limit: Limit = 24,
) -> LibraryAnswer:
    wanted_tags = tuple(tag.strip() for tag in (tags or "").split(",") if tag.strip())
    wish = Wish(
        category=category,
        difficulty=difficulty,
        gender=gender,
        featured=featured,
        premium=premium,
        tags=wanted_tags,
        search=search,
        favorite_of=caller.id if only_marked else None,
        sort=sort,
        page=page,
        limit=limit,
    )
    poses, total = await library.browse(session, wish)
    return LibraryAnswer(
        poses=[PoseView.of(pose, url) for pose in poses], pagination=Pagination.of(page, limit, total)
    )


@router.get("/library/{pose_id}", operation_id="getPose", summary="One pose", responses=failures(NotFound))
async def pose(session: DbSession, caller: CurrentUser, url: Urls, pose_id: PoseId) -> PoseAnswer:
    found = PoseDetail.of(await library.read(session, pose_id), url)
    return PoseAnswer(pose=found, is_favorite=await favorites.is_marked(session, caller.id, pose_id))


@router.get(
    "/library/{pose_id}/related",
    operation_id="listRelatedPoses",
    summary="Poses like this one",
    description="By the distance of the joints, whatever the figure's size, place and side.",
    responses=failures(NotFound),
)
async def related(
    *, session: DbSession, _caller: CurrentUser, parts: Parts, url: Urls, pose_id: PoseId, limit: Few = 12
) -> RelatedAnswer:
    poses = await parts.related.of(session, pose_id, limit)
    return RelatedAnswer(poses=[PoseView.of(pose, url) for pose in poses])


@router.post(
    "/library/{pose_id}/favorite",
    operation_id="markPose",
    summary="Mark a pose",
    description="Once more changes nothing.",
    responses=failures(NotFound),
)
async def mark(session: DbSession, caller: CurrentUser, pose_id: PoseId) -> FavoriteAnswer:
    count = await favorites.mark(session, caller.id, pose_id)
    return FavoriteAnswer(pose_id=pose_id, is_favorite=True, favorite_count=count)


@router.delete(
    "/library/{pose_id}/favorite",
    operation_id="unmarkPose",
    summary="Unmark a pose",
    description="Once more changes nothing.",
    responses=failures(NotFound),
)
async def unmark(session: DbSession, caller: CurrentUser, pose_id: PoseId) -> FavoriteAnswer:
    count = await favorites.unmark(session, caller.id, pose_id)
    return FavoriteAnswer(pose_id=pose_id, is_favorite=False, favorite_count=count)


@router.get(
    "/categories",
    operation_id="listCategories",
    summary="The category tree with counts",
    description="A category's `poseCount` includes the poses of all categories below it, as its list does.",
    responses=failures(),
)
async def categories(session: DbSession, _caller: CurrentUser) -> CategoriesAnswer:
    return CategoriesAnswer(categories=_branches(await library.categories(session), None))


def _branches(rows: list[tuple[PoseCategory, int]], parent_id: str | None) -> list[CategoryView]:
    return [_branch(rows, category, own) for category, own in rows if category.parent_id == parent_id]


def _branch(rows: list[tuple[PoseCategory, int]], category: PoseCategory, own_poses: int) -> CategoryView:
    children = _branches(rows, category.id)
    return CategoryView(
        id=category.id,
        name=category.name,
        parent_id=category.parent_id,
        description=category.description,
        pose_count=own_poses + sum(child.pose_count for child in children),
        children=children,
    )


@router.get(
    "/formats",
    operation_id="listFormats",
    summary="Export formats and recommended sets",
    responses=failures(),
)
async def formats(_caller: CurrentUser) -> FormatsAnswer:
    views = [_format(format_) for format_ in export_formats.FORMATS.values()]
    names = dict.fromkeys(view.category for view in views)
    return FormatsAnswer(
        formats=views,
        categories=[
            FormatCategoryView(name=name, formats=[view.name for view in views if view.category == name])
            for name in names
        ],
        use_cases={name: list(members) for name, members in export_formats.USE_CASES.items()},
    )


def _format(format_: export_formats.ExportFormat) -> FormatView:
    return FormatView.model_validate(
        {
            **{name: getattr(format_, name) for name in FormatView.model_fields if name != "aliases"},
            "aliases": [alias for alias, name in export_formats.ALIASES.items() if name == format_.name],
        }
    )
