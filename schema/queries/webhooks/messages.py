"""Messages as they will be sent, written once.

Needs only the rows, so whoever settles a generation can tell of its end.
"""

from datetime import timedelta
from urllib.parse import urlsplit

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from schema import ids
from schema.errors import RateLimited
from schema.kinds import ENDS, DeliveryFault, DeliveryStatus, GenerationStatus, ItemStatus, WebhookEvent
from schema.models.webhook_events import (
    PING,
    GenerationEvent,
    GenerationMessage,
    ItemEvent,
    ItemMessage,
    Links,
    PingEvent,
    PingMessage,
)
from schema.queries.webhooks import settings as webhook_settings
from schema.reconciling import Fate, Lost, MessageEnd
from schema.tables import Generation, Item, WebhookDelivery
from schema.tables.columns import now
from schema.webhooks import Announce, WebhookMessage

PINGS_A_MINUTE = 10


async def write(session: AsyncSession, call: Announce, links: Links) -> WebhookMessage | None:
    """The message to be sent. None when it was not asked for, or nothing is to be sent any more."""
    generation = await session.get(Generation, call.generation_id)
    event = _event(generation, call) if generation else None
    if generation is None or event not in generation.webhook_events:
        return None
    message_id = ids.message_id(generation.id, event, call.index)
    delivery = await session.get(WebhookDelivery, message_id)
    if delivery is None:
        body = await _body(session, generation, event, call.index, links)
        delivery = await _kept(session, generation, message_id, event, body)
    return message(delivery) if delivery.status == DeliveryStatus.PENDING else None


async def missed(session: AsyncSession, generation_id: str) -> list[Announce]:
    """The pictures of a generation that its receiver wanted to be told of and was not."""
    generation = await session.get(Generation, generation_id)
    if generation is None or WebhookEvent.ITEM_COMPLETED not in generation.webhook_events:
        return []
    told = select(WebhookDelivery.id).where(WebhookDelivery.generation_id == generation_id)
    known = set(await session.exec(told))
    delivered = select(Item.index).where(
        Item.generation_id == generation_id, Item.status == ItemStatus.COMPLETED
    )
    return [
        Announce(generation_id=generation_id, index=index)
        for index in await session.exec(delivered.order_by(col(Item.index)))
        if ids.message_id(generation_id, WebhookEvent.ITEM_COMPLETED, index) not in known
    ]


async def write_ping(session: AsyncSession, user_id: str, url: str) -> WebhookMessage:
    """Each makes us call somebody, so nobody asks for them without end."""
    await webhook_settings.locked(session, user_id)
    recent = select(func.count()).where(
        WebhookDelivery.user_id == user_id,
        WebhookDelivery.event == PING,
        WebhookDelivery.created_at > now() - timedelta(minutes=1),
    )
    if (await session.exec(recent)).one() >= PINGS_A_MINUTE:
        raise RateLimited(f"{PINGS_A_MINUTE} tests a minute are enough. Wait a little.", retry_after_s=60)
    delivery = WebhookDelivery(
        id=ids.ping_id(),
        user_id=user_id,
        event=PING,
        url=url,
        host=host(url),
        body=_text(PingMessage(type=PING, timestamp=now(), data=PingEvent())),
    )
    session.add(delivery)
    return message(delivery, once=True)


async def taken_up(session: AsyncSession, lost: Lost) -> WebhookMessage | MessageEnd:
    """A pending message without a workflow. One that was merely lost is to be sent after all; one that
    somebody has stopped stays so, and nobody waits for a test any more.
    """
    delivery = await session.get(
        WebhookDelivery, lost.id, with_for_update={"key_share": True}, populate_existing=True
    )
    if delivery is None or delivery.status != DeliveryStatus.PENDING:
        return MessageEnd.OVER
    if lost.fate is Fate.UNKNOWN and delivery.event != PING:
        return message(delivery)
    delivery.status, delivery.next_attempt_at = DeliveryStatus.FAILED, None
    delivery.last_error = DeliveryFault.STOPPED
    return MessageEnd.FAILED


def message(delivery: WebhookDelivery, *, once: bool = False) -> WebhookMessage:
    return WebhookMessage(
        id=delivery.id, user_id=delivery.user_id, event=delivery.event, host=delivery.host, once=once
    )


def host(url: str) -> str:
    """With its port, and without what a URL may carry before it."""
    return urlsplit(url).netloc.rpartition("@")[2].lower()


def _event(generation: Generation, call: Announce) -> WebhookEvent | None:
    """None while a generation has not ended."""
    if call.index is not None:
        return WebhookEvent.ITEM_COMPLETED
    return ENDS.get(GenerationStatus(generation.status))


async def _body(
    session: AsyncSession, generation: Generation, event: WebhookEvent, index: int | None, links: Links
) -> str:
    if index is None:
        facts = GenerationEvent.of(generation, links)
        return _text(GenerationMessage(type=event, timestamp=facts.completed_at, data=facts))
    item = await session.get_one(Item, ids.item_id(generation.id, index))
    picture = ItemEvent.of(item, generation, links)
    return _text(ItemMessage(type=event, timestamp=item.created_at, data=picture))


def _text(told: GenerationMessage | ItemMessage | PingMessage) -> str:
    return told.model_dump_json(by_alias=True)


async def _kept(
    session: AsyncSession, generation: Generation, message_id: str, event: WebhookEvent, body: str
) -> WebhookDelivery:
    """As it was written first, should two do it at once."""
    assert generation.webhook_url
    settings = await webhook_settings.read(session, generation.user_id)
    disabled = generation.webhook_url in settings.disabled
    delivery = WebhookDelivery(
        id=message_id,
        user_id=generation.user_id,
        generation_id=generation.id,
        event=event,
        url=generation.webhook_url,
        host=host(generation.webhook_url),
        body=body,
        status=DeliveryStatus.FAILED if disabled else DeliveryStatus.PENDING,
        last_error=DeliveryFault.URL_DISABLED if disabled else None,
    )
    await session.exec(insert(WebhookDelivery).values(**delivery.model_dump()).on_conflict_do_nothing())
    return await session.get_one(WebhookDelivery, message_id)
