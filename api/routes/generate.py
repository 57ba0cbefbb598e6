"""Starting generations."""

from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Body, Depends, Header, Query, Response

from api import allowance
from api.dependencies import AllowanceDep, CurrentUser, GenerationId, Parts
from api.openapi import Responses, failures
from api.orders import NewGeneration, Request, Retry
from api.routes import webhook_messages
from schema import errors
from schema.models.generate import DryRunAnswer, GenerateAnswer, GenerateOrder, StartAnswer
from schema.queries import wakeups

router = APIRouter(tags=["generations"])

IdempotencyKey = Annotated[
    str | None,
    Header(
        min_length=1,
        max_length=255,
        pattern=r"^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$",
        description="Repeat a request with the same key and body, and it is done once: the answer is the "
        "same again, with `Idempotency-Replayed: true`. Known for 30 days.",
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
    errors.RateLimited,
)
STARTED: Responses = {
    202: {
        "description": "Charged and started.",
        "headers": {
            "Idempotency-Replayed": {"schema": {"type": "string"}, "description": "`true` for a repeat."},
            **allowance.HEADERS,
        },
    },
}
PRICED: Responses = {200: {"model": StartAnswer, "description": "The price, for `dryRun`."}}
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


class Placing:
    """What placing an order takes from a request and gives to its answer."""

    def __init__(
        self,
        *,
        parts: Parts,
        caller: CurrentUser,
        allowed: AllowanceDep,
        response: Response,
        afterwards: BackgroundTasks,
        idempotency_key: IdempotencyKey = None,
    ) -> None:
        self._parts = parts
        self._caller = caller
        self._allowed = allowed
        self._response = response
        self._afterwards = afterwards
        self._key = idempotency_key

    async def place(self, request: Request) -> GenerateAnswer:
        placed = await self._parts.ordering.place(self._caller, request, self._key, self._allowed)
        if placed.replayed:
            self._response.headers["Idempotency-Replayed"] = "true"
        # The user's streams learn of it, in every process; the answer need not wait for that.
        generation_id = placed.answer.generation_id
        self._afterwards.add_task(wakeups.notify, self._parts.database, generation_id, self._caller.id)
        return placed.answer

    async def price(self, request: Request) -> DryRunAnswer:
        self._response.status_code = 200
        return await self._parts.ordering.price(self._caller, request)


PlacingDep = Annotated[Placing, Depends()]


@router.post(
    "/generate",
    status_code=202,
    operation_id="startGeneration",
    summary="Start a generation",
    response_model=StartAnswer,
    responses=failures(*REFUSALS) | STARTED | PRICED,
    callbacks=webhook_messages.router.routes,
)
async def generate(
    *,
    parts: Parts,
    placing: PlacingDep,
    wanted: Annotated[GenerateOrder, Body(openapi_examples=EXAMPLES)],
    dry_run: DryRun = False,
) -> GenerateAnswer | DryRunAnswer:
    """Answers once the credits are charged: without credits there is no generation, only a 402.

    How many pictures a user may order in a minute is limited; what is refused or repeated does not count. An
    order larger than that passes when nothing else was ordered, and the next ones wait for longer.
    """
    request = NewGeneration(
        wanted, parts.settings.pose_parallelism, allow_loopback=parts.settings.allow_loopback
    )
    return await (placing.price(request) if dry_run else placing.place(request))


@router.post(
    "/generations/{generation_id}/retry",
    status_code=202,
    operation_id="retryGeneration",
    summary="Generate again what failed",
    responses=failures(*REFUSALS) | STARTED,
)
async def retry(parts: Parts, placing: PlacingDep, generation_id: GenerationId) -> GenerateAnswer:
    """A new generation of the pictures that were not delivered, with a new seed; charged again."""
    return await placing.place(Retry(generation_id, parts.settings.pose_parallelism))
