"""A user's avatars: who is in the pictures."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from api.dependencies import CurrentUser, Cursor, DbSession, Page, Parts, Urls
from api.openapi import failures
from schema import cursors
from schema.errors import Conflict, InvalidPrompt, NotFound, PayloadTooLarge, RateLimited
from schema.models.avatars import (
    AvatarAnswer,
    AvatarChange,
    AvatarDraft,
    AvatarsAnswer,
    AvatarView,
    UsageAnswer,
    UsageView,
)
from schema.models.base import Pagination
from schema.queries import avatars

router = APIRouter(prefix="/avatars", tags=["avatars"])
AvatarId = Annotated[str, Path(max_length=64, examples=["avt_01jd3k7v9m2q4x6y8z0a1b2c3d"])]
Limit = Annotated[int, Query(ge=1, le=100)]


@router.get("", operation_id="listAvatars", summary="List avatars, newest first", responses=failures())
async def listed(
    session: DbSession, caller: CurrentUser, url: Urls, page: Page = 1, limit: Limit = 20
) -> AvatarsAnswer:
    rows, total = await avatars.page(session, caller.id, page, limit)
    return AvatarsAnswer(
        avatars=[AvatarView.of(row, url) for row in rows], pagination=Pagination.of(page, limit, total)
    )


@router.post(
    "",
    status_code=201,
    operation_id="createAvatar",
    summary="Create an avatar",
    responses=failures(NotFound, Conflict, InvalidPrompt, PayloadTooLarge, RateLimited),
)
async def create(parts: Parts, caller: CurrentUser, url: Urls, draft: AvatarDraft) -> AvatarAnswer:
    """What it is like goes into the prompts; its picture, where the image service can look at one, too."""
    return AvatarAnswer(avatar=AvatarView.of(await parts.likeness.add_avatar(caller.id, draft), url))


@router.get("/{avatar_id}", operation_id="getAvatar", summary="One avatar", responses=failures(NotFound))
async def one(session: DbSession, caller: CurrentUser, url: Urls, avatar_id: AvatarId) -> AvatarAnswer:
    return AvatarAnswer(avatar=AvatarView.of(await avatars.owned(session, avatar_id, caller.id), url))


@router.put(
    "/{avatar_id}",
    operation_id="changeAvatar",
    summary="Change an avatar",
    responses=failures(NotFound, Conflict, InvalidPrompt, PayloadTooLarge, RateLimited),
)
async def change(
    parts: Parts, caller: CurrentUser, url: Urls, avatar_id: AvatarId, wanted: AvatarChange
) -> AvatarAnswer:
    """Only the fields that are given change, and null empties all but the name."""
    changed = await parts.likeness.change_avatar(avatar_id, caller.id, wanted)
    return AvatarAnswer(avatar=AvatarView.of(changed, url))


@router.delete(
    "/{avatar_id}",
    status_code=204,
    operation_id="deleteAvatar",
    summary="Delete an avatar",
    responses=failures(NotFound),
)
async def delete(session: DbSession, caller: CurrentUser, avatar_id: AvatarId) -> None:
    """Projects lose it and stay, and so do the pictures that were made with it."""
    await avatars.delete(session, avatar_id, caller.id)


@router.get(
    "/{avatar_id}/usage",
    operation_id="listAvatarUsage",
    summary="The generations it was used in, newest first",
    responses=failures(NotFound),
)
async def usage(
    session: DbSession, caller: CurrentUser, avatar_id: AvatarId, cursor: Cursor = None, limit: Limit = 20
) -> UsageAnswer:
    """Those that are finished and delivered something."""
    before_id = cursors.number(cursor)
    rows = await avatars.usage(session, avatar_id, caller.id, before_id=before_id, limit=limit + 1)
    page = rows[:limit]
    return UsageAnswer(
        usage=[UsageView.of(generation, used.created_at) for used, generation in page],
        next_cursor=cursors.encode(str(page[-1][0].id)) if len(rows) > limit else None,
    )
