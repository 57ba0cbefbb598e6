"""One picture of a generation."""

from typing import Annotated

from fastapi import APIRouter, Path

from api.dependencies import AllowanceDep, CurrentUser, DbSession, Parts, Urls
from api.openapi import failures
from schema.errors import Conflict, NotFound, PayloadTooLarge, RateLimited
from schema.models.backgrounds import ChangeView
from schema.models.items import (
    DownloadAnswer,
    DownloadOrder,
    ExportOrder,
    ItemAnswer,
    ItemChange,
    ItemView,
)
from schema.queries import background_changes, items

router = APIRouter(prefix="/poses", tags=["results"])
ItemId = Annotated[str, Path(max_length=64)]


@router.get("/{item_id}", operation_id="getItem", summary="One picture", responses=failures(NotFound))
async def one(session: DbSession, caller: CurrentUser, url: Urls, item_id: ItemId) -> ItemAnswer:
    item, generation = await items.owned(session, item_id, caller.id)
    changes = await background_changes.of_item(session, item_id, caller.id, limit=1)
    return ItemAnswer(
        pose=ItemView.of(item, url, generation),
        background_change=ChangeView.of(changes[0], url) if changes else None,
    )


@router.patch(
    "/{item_id}",
    operation_id="changeItem",
    summary="Mark or unmark as a favourite",
    responses=failures(NotFound, PayloadTooLarge),
)
async def change(
    session: DbSession, caller: CurrentUser, url: Urls, item_id: ItemId, wanted: ItemChange
) -> ItemAnswer:
    item, generation = await items.set_favorite(session, item_id, caller.id, is_favorite=wanted.is_favorite)
    return ItemAnswer(pose=ItemView.of(item, url, generation))


@router.post(
    "/{item_id}/regenerate-export",
    operation_id="regenerateExport",
    summary="Make an export again",
    responses=failures(NotFound, Conflict, PayloadTooLarge, RateLimited),
)
async def regenerate_export(
    parts: Parts, caller: CurrentUser, allowance: AllowanceDep, item_id: ItemId, wanted: ExportOrder
) -> ItemAnswer:
    """Of any known format. Where its content differs from before, its URL does too."""
    return await parts.item_files.make_again(caller.id, item_id, wanted.format_name, allowance)


@router.post(
    "/{item_id}/download",
    operation_id="downloadPicture",
    summary="A URL to download one file of a picture",
    responses=failures(NotFound, Conflict, PayloadTooLarge, RateLimited),
)
async def download(
    *,
    parts: Parts,
    caller: CurrentUser,
    allowance: AllowanceDep,
    item_id: ItemId,
    wanted: DownloadOrder | None = None,
) -> DownloadAnswer:
    """Counts as a download. A format that was never ordered is made first."""
    wanted = wanted or DownloadOrder()
    return await parts.item_files.download(caller.id, item_id, wanted.format_name, allowance)
