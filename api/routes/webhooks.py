"""Being told of ends and pictures: where to, signed with which secret, and how the telling went."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from api.dependencies import CurrentUser, Cursor, DbSession, Parts
from api.openapi import failures
from api.receivers import require_possible
from api.webhooks import Webhooks
from schema import cursors
from schema.errors import Conflict, NotFound, PayloadTooLarge, RateLimited
from schema.kinds import DeliveryStatus
from schema.models.webhooks import (
    DeliveriesAnswer,
    DeliveryAnswer,
    DeliveryView,
    PingDraft,
    SecretAnswer,
    SecretDraft,
    WebhooksAnswer,
    WebhooksChange,
)
from schema.queries.webhooks import deliveries, secrets
from schema.queries.webhooks import settings as webhook_settings

router = APIRouter(prefix="/webhooks", tags=["webhooks"])

DeliveryId = Annotated[
    str, Path(max_length=100, examples=["msg_01jd3k7v9m2q4x6y8z0a1b2c3d_generation_completed"])
]
GenerationId = Annotated[str | None, Query(alias="generationId", max_length=64)]
Event = Annotated[str | None, Query(max_length=64, examples=["generation.completed"])]
Limit = Annotated[int, Query(ge=1, le=100)]


@router.get("", operation_id="getWebhooks", summary="Your webhook settings", responses=failures())
async def settings(session: DbSession, caller: CurrentUser) -> WebhooksAnswer:
    row = await webhook_settings.read(session, caller.id)
    return WebhooksAnswer.of(row, await secrets.valid(session, caller.id))


@router.put(
    "",
    operation_id="setWebhooks",
    summary="Set a receiver for all your generations",
    responses=failures(PayloadTooLarge),
)
async def change(
    parts: Parts, session: DbSession, caller: CurrentUser, wanted: WebhooksChange
) -> WebhooksAnswer:
    """For generations ordered from now on that name no `webhookUrl` of their own. null clears."""
    require_possible(wanted.url, "url", allow_loopback=parts.settings.allow_loopback)
    row = await webhook_settings.change(session, caller.id, wanted.url, wanted.events)
    return WebhooksAnswer.of(row, await secrets.valid(session, caller.id))


@router.post(
    "/secret",
    operation_id="rotateWebhookSecret",
    summary="Make or rotate the secret",
    responses=failures(Conflict, PayloadTooLarge),
)
async def rotate(parts: Parts, caller: CurrentUser, wanted: SecretDraft | None = None) -> SecretAnswer:
    """Shown in this answer only. For 24 hours messages are signed with the previous one as well."""
    revoke = wanted is not None and wanted.revoke_previous
    return await Webhooks(parts, caller).rotate(revoke_previous=revoke)


@router.post(
    "/test",
    operation_id="testWebhook",
    summary="Send a test now",
    responses=failures(RateLimited, PayloadTooLarge),
)
async def ping(parts: Parts, caller: CurrentUser, wanted: PingDraft | None = None) -> DeliveryAnswer:
    """Sends `test.ping`, signed like any message, once, and answers what came back."""
    url = wanted.url if wanted else None
    require_possible(url, "url", allow_loopback=parts.settings.allow_loopback)
    return await Webhooks(parts, caller).test(url)


@router.get(
    "/deliveries",
    operation_id="listWebhookDeliveries",
    summary="What was sent, newest first",
    responses=failures(),
)
async def listed(
    *,
    session: DbSession,
    caller: CurrentUser,
    generation_id: GenerationId = None,
    status: DeliveryStatus | None = None,
    event: Event = None,
    cursor: Cursor = None,
    limit: Limit = 20,
) -> DeliveriesAnswer:
    after = cursors.place(cursor)
    rows = await deliveries.page(
        session,
        caller.id,
        after=after,
        limit=limit + 1,
        generation_id=generation_id,
        status=status,
        event=event,
    )
    page = rows[:limit]
    more = cursors.encode(page[-1].created_at.isoformat(), page[-1].id) if len(rows) > limit else None
    return DeliveriesAnswer(deliveries=[DeliveryView.of(row) for row in page], next_cursor=more)


@router.get(
    "/deliveries/{delivery_id}",
    operation_id="getWebhookDelivery",
    summary="One message and its attempts",
    responses=failures(NotFound),
)
async def one(parts: Parts, caller: CurrentUser, delivery_id: DeliveryId) -> DeliveryAnswer:
    return await Webhooks(parts, caller).one(delivery_id)


@router.post(
    "/deliveries/{delivery_id}/redeliver",
    operation_id="redeliverWebhook",
    status_code=202,
    summary="Send a message again",
    responses=failures(NotFound, Conflict),
)
async def redeliver(parts: Parts, caller: CurrentUser, delivery_id: DeliveryId) -> DeliveryAnswer:
    """The same message under the same id, now; refused while an attempt is under way."""
    return await Webhooks(parts, caller).redeliver(delivery_id)
