"""Public links to pictures: made and revoked by their owner, opened by anyone."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Path

from api.dependencies import CurrentUser, DbSession, GenerationId, Parts, StorageDep
from api.openapi import failures
from schema.errors import Conflict, NotFound, PayloadTooLarge
from schema.models.shares import ShareAnswer, SharedAnswer, ShareOrder, SharesAnswer, ShareView
from schema.queries import shares

router = APIRouter(tags=["sharing"])
ShareId = Annotated[str, Path(max_length=64, examples=["shr_01jd3k7v9m2q4x6y8z0a1b2c3d"])]
Token = Annotated[str, Path(description="The last part of the link.")]
PATH = "/generations/{generation_id}/share"


@router.post(
    PATH,
    status_code=201,
    operation_id="createShare",
    summary="Make a public link to pictures",
    responses=failures(NotFound, Conflict, PayloadTooLarge),
)
async def create(
    *,
    session: DbSession,
    parts: Parts,
    caller: CurrentUser,
    generation_id: GenerationId,
    wanted: ShareOrder | None = None,
) -> ShareAnswer:
    """Each call makes one more. It shows these pictures, whatever is delivered later."""
    wanted = wanted or ShareOrder()
    share, token = await shares.create(
        session,
        generation_id,
        caller.id,
        item_ids=wanted.item_ids,
        lifetime=timedelta(hours=wanted.expires_in_hours),
        allow_download=wanted.allow_download,
    )
    url = f"{parts.settings.public_base_url.rstrip('/')}/shared/{token}"
    return ShareAnswer(share=ShareView.model_validate(share), url=url, token=token)


@router.get(
    f"{PATH}s",
    operation_id="listShares",
    summary="The public links that work, newest first",
    responses=failures(NotFound),
)
async def listed(session: DbSession, caller: CurrentUser, generation_id: GenerationId) -> SharesAnswer:
    """Without the links themselves: nobody knows these but whom they were given to."""
    rows = await shares.listed(session, generation_id, caller.id)
    return SharesAnswer(shares=[ShareView.model_validate(row) for row in rows])


@router.delete(
    f"{PATH}/{{share_id}}",
    status_code=204,
    operation_id="revokeShare",
    summary="Revoke a public link",
    responses=failures(NotFound),
)
async def revoke(
    session: DbSession, caller: CurrentUser, generation_id: GenerationId, share_id: ShareId
) -> None:
    await shares.revoke(session, generation_id, caller.id, share_id)


@router.delete(
    PATH,
    status_code=204,
    operation_id="revokeShares",
    summary="Revoke all public links of a generation",
    responses=failures(NotFound),
)
async def revoke_all(session: DbSession, caller: CurrentUser, generation_id: GenerationId) -> None:
    await shares.revoke_all(session, generation_id, caller.id)


@router.get(
    "/shared/{token}",
    operation_id="getShared",
    summary="The pictures of a public link",
    responses=failures(NotFound, public=True),
)
async def shared(session: DbSession, storage: StorageDep, token: Token) -> SharedAnswer:
    """Needs no sign-in. The URLs in it end with the link, or earlier."""
    share, items = await shares.opened(session, token)
    return SharedAnswer.of(share, items, storage.url)
