"""The secrets that sign a user's messages: one in use, and for a day those it has replaced."""

from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple

from sqlalchemy import delete, or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from schema.errors import Conflict
from schema.queries.webhooks import settings
from schema.tables import WebhookSecret
from schema.tables.columns import now
from schema.webhooks import SealedSecret

OVERLAP = timedelta(hours=24)
MAX_VALID = 5
"""Each adds a signature to every message."""


class Resealed(NamedTuple):
    resealed: int
    current: int
    """Sealed with today's secret before."""
    unreadable: int


async def valid(session: AsyncSession, user_id: str) -> list[WebhookSecret]:
    """The one in use first."""
    unexpired = or_(col(WebhookSecret.expires_at).is_(None), col(WebhookSecret.expires_at) > now())
    query = select(WebhookSecret).where(WebhookSecret.user_id == user_id, unexpired)
    return list(await session.exec(query.order_by(col(WebhookSecret.id).desc())))


async def ensure(
    session: AsyncSession, user_id: str, make: Callable[[], SealedSecret]
) -> list[WebhookSecret]:
    """Nothing is sent unsigned: who never asked for a secret gets one. Needs the user's settings locked."""
    return await valid(session, user_id) or [await _add(session, user_id, make())]


async def rotate(
    session: AsyncSession, user_id: str, fresh: SealedSecret, *, revoke_previous: bool
) -> list[WebhookSecret]:
    """What was in use stays valid for a day, unless it is revoked because somebody else has seen it."""
    await settings.locked(session, user_id)
    before = [] if revoke_previous else await valid(session, user_id)
    if len(before) >= MAX_VALID:
        raise Conflict(
            f"{MAX_VALID} secrets are valid already. Wait until one expires, or revoke the previous ones."
        )
    await session.exec(
        delete(WebhookSecret).where(
            col(WebhookSecret.user_id) == user_id, col(WebhookSecret.id).not_in([each.id for each in before])
        )
    )
    for each in before:
        each.expires_at = each.expires_at or now() + OVERLAP
    await session.flush()
    return [await _add(session, user_id, fresh), *before]


async def newest(session: AsyncSession, limit: int) -> list[str]:
    """Of all users, as they are sealed."""
    unexpired = or_(col(WebhookSecret.expires_at).is_(None), col(WebhookSecret.expires_at) > now())
    query = select(WebhookSecret.sealed).where(unexpired).order_by(col(WebhookSecret.id).desc())
    return list(await session.exec(query.limit(limit)))


async def reseal(
    session: AsyncSession, is_current: Callable[[str], bool], again: Callable[[str], str | None]
) -> Resealed:
    """Every one there is; `again` answers None for what it cannot open."""
    rows = list(await session.exec(select(WebhookSecret).with_for_update()))
    left = [row for row in rows if not is_current(row.sealed)]
    unreadable = 0
    for row in left:
        if sealed := again(row.sealed):
            row.sealed = sealed
        else:
            unreadable += 1
    await session.flush()
    return Resealed(len(left) - unreadable, len(rows) - len(left), unreadable)


async def _add(session: AsyncSession, user_id: str, fresh: SealedSecret) -> WebhookSecret:
    secret = WebhookSecret(user_id=user_id, sealed=fresh.sealed, hint=fresh.hint)
    session.add(secret)
    await session.flush()
    return secret
