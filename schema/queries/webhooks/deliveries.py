"""What a user sees of the messages sent in their name, and asking for one again."""

from collections.abc import Sequence

from sqlalchemy import tuple_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from schema.cursors import Place
from schema.errors import Conflict, NotFound
from schema.kinds import DeliveryStatus
from schema.queries.webhooks.attempts import OVERDUE, UNDER_WAY
from schema.tables import WebhookAttempt, WebhookDelivery
from schema.tables.columns import now

MAX_ATTEMPTS = 100
"""Of one message: nobody needs more, and each is a call in somebody's name."""


async def page(
    session: AsyncSession,
    user_id: str,
    *,
    after: Place | None,
    limit: int,
    generation_id: str | None = None,
    status: DeliveryStatus | None = None,
    event: str | None = None,
) -> Sequence[WebhookDelivery]:
    """Newest first."""
    query = select(WebhookDelivery).where(WebhookDelivery.user_id == user_id)
    if generation_id is not None:
        query = query.where(WebhookDelivery.generation_id == generation_id)
    if status is not None:
        query = query.where(WebhookDelivery.status == status)
    if event is not None:
        query = query.where(WebhookDelivery.event == event)
    if after is not None:
        place = tuple_(col(WebhookDelivery.created_at), col(WebhookDelivery.id))
        query = query.where(place < after)
    newest_first = (col(WebhookDelivery.created_at).desc(), col(WebhookDelivery.id).desc())
    return (await session.exec(query.order_by(*newest_first).limit(limit))).all()


async def owned(session: AsyncSession, delivery_id: str, user_id: str) -> WebhookDelivery:
    query = select(WebhookDelivery).where(
        WebhookDelivery.id == delivery_id, WebhookDelivery.user_id == user_id
    )
    found = (await session.exec(query)).one_or_none()
    if found is None:
        raise NotFound("There is no such delivery.")
    return found


async def attempts(session: AsyncSession, delivery_id: str) -> Sequence[WebhookAttempt]:
    """The first one first."""
    query = select(WebhookAttempt).where(WebhookAttempt.delivery_id == delivery_id)
    return (await session.exec(query.order_by(col(WebhookAttempt.number)))).all()


async def for_redelivery(session: AsyncSession, delivery_id: str, user_id: str) -> WebhookDelivery:
    delivery = await owned(session, delivery_id, user_id)
    if delivery.attempts >= MAX_ATTEMPTS:
        raise Conflict(f"This message has been tried {MAX_ATTEMPTS} times. It is not sent again.")
    under_way = select(WebhookAttempt.number).where(
        WebhookAttempt.delivery_id == delivery.id, *UNDER_WAY, WebhookAttempt.started_at > now() - OVERDUE
    )
    if (await session.exec(under_way)).first() is not None:
        raise Conflict("An attempt is under way. Wait for its end.")
    return delivery
