"""Starting generations."""

from typing import Annotated

from fastapi import APIRouter, Body, Header, Query, Response

from api.auth import Caller
from api.dependencies import CurrentUser, GenerationId, Parts
from api.openapi import Responses, failures
from api.orders import NewGeneration, Request, Retry
from api.services import Services
from schema import errors
from schema.models.generate import DryRunAnswer, GenerateAnswer, GenerateOrder
from schema.queries import wakeups

router = APIRouter(tags=["generations"])

IdempotencyKey = Annotated[
    str | None,
    Header(
        min_length=1,
        max_length=255,
        pattern=r"^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$",
        description="Repeat a request with the same key and body, and it is done once: the answer is the "
        "same again, with `Idempotency-Replayed: true`.",
    ),
]
DryRun = Annotated[bool, Query(alias="dryRun", description="Validate and price only; nothing is changed.")]
REFUSALS = (
    errors.InvalidPrompt,
    errors.InsufficientCredits,
    errors.Forbidden,
    errors.NotFound,
    errors.Conflict,
    errors.PayloadTooLarge,
    errors.IdempotencyMismatch,
    errors.QuotaExceeded,
)
STARTED: Responses = {
    202: {
        "description": "Charged and started.",
        "headers": {
            "Idempotency-Replayed": {"schema": {"type": "string"}, "description": "`true` for a repeat."}
        },
    },
}
PRICED: Responses = {200: {"model": DryRunAnswer, "description": "The price, for `dryRun`."}}
EXAMPLES = {
    "gallery": {
        "summary": "Poses of the library",
        "value": {
            "projectId": "proj_01jd3k7v9m2q4x6y8z0a1b2c3d",
            "generationType": "GALLERY_REFERENCE",
            "selectedPoseIds": ["pose_01jd3k7v9m2q4x6y8z0a1b2c3d"],
            "batchSize": 4,
            "prompt": "in a batik shirt",
            "outputFormats": ["instagram_story", "tiktok", "shopee_product"],
            "seed": 7,
        },
    },
    "text": {
        "summary": "A pose in words",
        "value": {
            "projectId": "proj_01jd3k7v9m2q4x6y8z0a1b2c3d",
            "generationType": "TEXT_DESCRIPTION",
            "textPrompt": "standing with arms crossed, facing the camera",
            "batchSize": 2,
        },
    },
}


@router.post(
    "/generate",
    status_code=202,
    summary="Start a generation",
    response_model=GenerateAnswer | DryRunAnswer,
    responses=failures(*REFUSALS) | STARTED | PRICED,
)
async def generate(
    *,
    parts: Parts,
    caller: CurrentUser,
    response: Response,
    wanted: Annotated[GenerateOrder, Body(openapi_examples=EXAMPLES)],
    idempotency_key: IdempotencyKey = None,
    dry_run: DryRun = False,
) -> GenerateAnswer | DryRunAnswer:
    """Answers once the credits are charged: without credits there is no generation, only a 402."""
    request = NewGeneration(wanted, parts.settings.pose_parallelism)
    if dry_run:
        response.status_code = 200
        return await parts.ordering.price(caller, request)
    return await _place(parts, caller, request, idempotency_key, response)


@router.post(
    "/generations/{generation_id}/retry",
    status_code=202,
    summary="Generate again what failed",
    responses=failures(*REFUSALS) | STARTED,
)
async def retry(
    *,
    parts: Parts,
    caller: CurrentUser,
    response: Response,
    generation_id: GenerationId,
    idempotency_key: IdempotencyKey = None,
) -> GenerateAnswer:
    """A new generation of the pictures that were not delivered, with a new seed; charged again."""
    request = Retry(generation_id, parts.settings.pose_parallelism)
    return await _place(parts, caller, request, idempotency_key, response)


async def _place(
    parts: Services, caller: Caller, request: Request, key: str | None, response: Response
) -> GenerateAnswer:
    placed = await parts.ordering.place(caller, request, key)
    if placed.replayed:
        response.headers["Idempotency-Replayed"] = "true"
    await wakeups.notify(parts.database, placed.answer.generation_id, caller.id)
    return placed.answer
