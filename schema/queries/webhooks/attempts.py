"""Attempts at a message: written before anything is sent, and again with what came back.

So it is known how many of a user's are under way, whoever sends them, and an attempt that died shows.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from schema.errors import NotFound, ReceiverBusy
from schema.kinds import DeliveryFault, DeliveryStatus
from schema.queries.webhooks import secrets
from schema.queries.webhooks import settings as webhook_settings
from schema.tables import WebhookAttempt, WebhookDelivery, WebhookSettings
from schema.tables.columns import now
from schema.webhooks import ReceiverAnswer, SealedSecret, SendWebhook, SentWebhook

AT_ONCE = 8
"""To all receivers of one user."""
AT_ONCE_TO_HOST = 4
OVERDUE = timedelta(seconds=30)
"""No attempt takes so long: one without an end by then was interrupted."""
UNDER_WAY = (col(WebhookAttempt.duration_ms).is_(None), col(WebhookAttempt.error_code).is_(None))


@dataclass(frozen=True)
class Turn:
    """Leave to send a message now."""

    number: int
    url: str
    body: str
    sealed_secrets: tuple[str, ...]


async def begin(
    session: AsyncSession, call: SendWebhook, key: str, make_secret: Callable[[], SealedSecret]
) -> Turn | SentWebhook:
    """How the message stands when there is nothing to send; ReceiverBusy when it has to wait.

    `key` names the call: one that is repeated after it has come to its end sends nothing again.
    """
    settings = await webhook_settings.locked(session, call.user_id)
    delivery = await _locked(session, call)
    if await _is_over(session, delivery, call, key):
        return standing(delivery)
    if delivery.url in settings.disabled and not call.asked:
        _fail(delivery, DeliveryFault.URL_DISABLED, None)
        return standing(delivery)
    await _require_place(session, delivery)
    await _note_interrupted(session, delivery)
    signing = await secrets.ensure(session, call.user_id, make_secret)
    _open(session, delivery, key)
    sealed = tuple(secret.sealed for secret in signing)
    return Turn(delivery.attempts, delivery.url, delivery.body, sealed)


async def finish(session: AsyncSession, call: SendWebhook, turn: Turn, answer: ReceiverAnswer) -> SentWebhook:
    settings = await webhook_settings.locked(session, call.user_id)
    delivery = await _locked(session, call)
    attempt = await session.get_one(WebhookAttempt, (delivery.id, turn.number))
    attempt.duration_ms, attempt.status_code = answer.duration_ms, answer.status_code
    attempt.error_code, attempt.response = answer.fault, answer.response
    delivery.last_status = answer.status_code
    if answer.fault is None:
        _deliver(delivery, settings)
    else:
        _fail(delivery, answer.fault, _wait_s(call, answer))
        if answer.fault is DeliveryFault.GONE:
            webhook_settings.disable(settings, delivery.url)
    return standing(delivery)


def standing(delivery: WebhookDelivery) -> SentWebhook:
    due = delivery.next_attempt_at
    return SentWebhook(
        status=DeliveryStatus(delivery.status),
        attempt=delivery.attempts,
        error_code=delivery.last_error,
        retry_in_s=max(0.0, (due - now()).total_seconds()) if due else None,
    )


async def _locked(session: AsyncSession, call: SendWebhook) -> WebhookDelivery:
    found = await session.get(
        WebhookDelivery, call.message_id, with_for_update={"key_share": True}, populate_existing=True
    )
    if found is None:
        raise NotFound("There is no such message.")
    return found


async def _is_over(session: AsyncSession, delivery: WebhookDelivery, call: SendWebhook, key: str) -> bool:
    if delivery.status == DeliveryStatus.DELIVERED and not call.asked:
        return True
    ended = select(WebhookAttempt.number).where(
        WebhookAttempt.delivery_id == delivery.id,
        WebhookAttempt.call == key,
        col(WebhookAttempt.duration_ms).is_not(None),
    )
    return (await session.exec(ended.limit(1))).first() is not None


async def _require_place(session: AsyncSession, delivery: WebhookDelivery) -> None:
    """Counted with the settings locked. Its own earlier attempts do not stand in its way."""
    under_way = select(func.count(), func.count().filter(col(WebhookAttempt.host) == delivery.host)).where(
        WebhookAttempt.user_id == delivery.user_id,
        *UNDER_WAY,
        WebhookAttempt.started_at > now() - OVERDUE,
        WebhookAttempt.delivery_id != delivery.id,
    )
    in_all, to_host = (await session.exec(under_way)).one()
    if in_all >= AT_ONCE or to_host >= AT_ONCE_TO_HOST:
        raise ReceiverBusy("Other messages are on their way to this receiver.")


async def _note_interrupted(session: AsyncSession, delivery: WebhookDelivery) -> None:
    """Their worker died: whether they arrived nobody knows."""
    await session.exec(
        update(WebhookAttempt)
        .where(col(WebhookAttempt.delivery_id) == delivery.id, *UNDER_WAY)
        .values(error_code=DeliveryFault.INTERRUPTED)
    )


def _open(session: AsyncSession, delivery: WebhookDelivery, key: str) -> None:
    delivery.attempts += 1
    delivery.next_attempt_at = None
    if delivery.status == DeliveryStatus.FAILED:
        delivery.status = DeliveryStatus.PENDING
    session.add(
        WebhookAttempt(
            delivery_id=delivery.id,
            number=delivery.attempts,
            user_id=delivery.user_id,
            host=delivery.host,
            call=key,
        )
    )


def _deliver(delivery: WebhookDelivery, settings: WebhookSettings) -> None:
    delivery.status, delivery.last_error, delivery.next_attempt_at = DeliveryStatus.DELIVERED, None, None
    delivery.delivered_at = delivery.delivered_at or now()
    webhook_settings.enable(settings, delivery.url)


def _fail(delivery: WebhookDelivery, fault: DeliveryFault, wait_s: float | None) -> None:
    delivery.last_error = fault
    if delivery.status == DeliveryStatus.DELIVERED:
        return
    delivery.status = DeliveryStatus.FAILED if wait_s is None else DeliveryStatus.PENDING
    delivery.next_attempt_at = None if wait_s is None else now() + timedelta(seconds=wait_s)


def _wait_s(call: SendWebhook, answer: ReceiverAnswer) -> float | None:
    """At least as long as the receiver asked for."""
    if call.retry_in_s is None or (answer.fault and answer.fault.final):
        return None
    return max(call.retry_in_s, answer.retry_after_s or 0)
