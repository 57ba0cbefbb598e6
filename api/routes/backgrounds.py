"""Changing the background of a delivered picture."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from api.allowance import HEADERS
from api.dependencies import AllowanceDep, CurrentUser, DbSession, Parts, Urls
from api.openapi import Responses, failures
from api.routes.generate import DryRun, IdempotencyKey
from schema import errors
from schema.errors import NotFound
from schema.models.backgrounds import (
    BackgroundAnswer,
    ChangeAnswer,
    ChangePrice,
    ChangesAnswer,
    ChangeView,
    ChangeWish,
)
from schema.queries import background_changes, items

router = APIRouter(prefix="/poses", tags=["results"])
ItemId = Annotated[str, Path(max_length=64, examples=["item_01jd3k7v9m2q4x6y8z0a1b2c3d_000"])]
REFUSALS = (
    errors.InvalidPrompt,
    errors.InsufficientCredits,
    errors.NotFound,
    errors.Conflict,
    errors.PayloadTooLarge,
    errors.IdempotencyMismatch,
    errors.QuotaExceeded,
    errors.RateLimited,
)
STARTED: Responses = {202: {"description": "Charged and started.", "headers": HEADERS}}
PRICED: Responses = {200: {"model": BackgroundAnswer, "description": "The price, for `dryRun`."}}


@router.post(
    "/{item_id}/background",
    status_code=202,
    operation_id="changeBackground",
    summary="Change the background",
    response_model=BackgroundAnswer,
    responses=failures(*REFUSALS) | STARTED | PRICED,
)
async def change(
    *,
    parts: Parts,
    caller: CurrentUser,
    allowance: AllowanceDep,
    item_id: ItemId,
    wanted: ChangeWish,
    response: Response,
    idempotency_key: IdempotencyKey = None,
    dry_run: DryRun = False,
) -> ChangeAnswer | ChangePrice:
    """Made from the very first picture, which is kept. One change of a picture at a time."""
    if dry_run:
        response.status_code = 200
        return await parts.background_changes.price(caller, item_id, wanted)
    changed = await parts.background_changes.place(caller, item_id, wanted, idempotency_key, allowance)
    if changed.replayed:
        response.headers["Idempotency-Replayed"] = "true"
    return changed.answer


@router.get(
    "/{item_id}/backgrounds",
    operation_id="listBackgroundChanges",
    summary="Changes of the background, newest first",
    responses=failures(NotFound),
)
async def listed(session: DbSession, caller: CurrentUser, url: Urls, item_id: ItemId) -> ChangesAnswer:
    await items.owned(session, item_id, caller.id)
    rows = await background_changes.of_item(session, item_id, caller.id)
    return ChangesAnswer(backgrounds=[ChangeView.of(row, url) for row in rows])
