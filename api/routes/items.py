"""One picture of a generation."""

from typing import Annotated

from fastapi import APIRouter, Path

from api.dependencies import CurrentUser, DbSession, Urls
from api.openapi import failures
from schema.errors import NotFound, PayloadTooLarge
from schema.models.items import ItemAnswer, ItemChange, ItemView
from schema.queries import items

router = APIRouter(prefix="/poses", tags=["results"])
ItemId = Annotated[str, Path(max_length=64)]


@router.get("/{item_id}", operation_id="getItem", summary="One picture", responses=failures(NotFound))
async def one(session: DbSession, caller: CurrentUser, url: Urls, item_id: ItemId) -> ItemAnswer:
    item, generation = await items.owned(session, item_id, caller.id)
    return ItemAnswer(pose=ItemView.of(item, url, generation))


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
