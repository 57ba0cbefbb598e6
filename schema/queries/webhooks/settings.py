"""Where a user's events go unless a generation says otherwise, and which receivers are called no more."""

from collections.abc import Sequence

from sqlalchemy.dialects.postgresql import insert
from sqlmodel.ext.asyncio.session import AsyncSession

from schema.kinds import WebhookEvent
from schema.tables import WebhookSettings
from schema.tables.columns import now

USUAL_EVENTS = (
    WebhookEvent.GENERATION_COMPLETED,
    WebhookEvent.GENERATION_FAILED,
    WebhookEvent.GENERATION_CANCELLED,
)
MAX_DISABLED = 100
"""Of one user; the oldest are forgotten."""


async def read(session: AsyncSession, user_id: str) -> WebhookSettings:
    return await session.get(WebhookSettings, user_id) or _usual(user_id)


async def locked(session: AsyncSession, user_id: str) -> WebhookSettings:
    """Made when missing. Whoever takes a turn at sending holds it, so turns are counted one by one."""
    found = await _locked(session, user_id)
    if found is None:
        made = insert(WebhookSettings).values(**_usual(user_id).model_dump())
        await session.exec(made.on_conflict_do_nothing())
        found = await _locked(session, user_id)
        assert found
    return found


async def change(
    session: AsyncSession, user_id: str, url: str | None, events: Sequence[WebhookEvent] | None
) -> WebhookSettings:
    """A URL that is named again may be called again."""
    settings = await locked(session, user_id)
    settings.url = url
    settings.events = list(USUAL_EVENTS if events is None else events)
    if url:
        enable(settings, url)
    return settings


def disable(settings: WebhookSettings, url: str) -> None:
    newest = list(settings.disabled.items())[-MAX_DISABLED + 1 :]
    settings.disabled = {**dict(newest), url: now().isoformat()}


def enable(settings: WebhookSettings, url: str) -> None:
    settings.disabled = {other: since for other, since in settings.disabled.items() if other != url}


async def _locked(session: AsyncSession, user_id: str) -> WebhookSettings | None:
    return await session.get(WebhookSettings, user_id, with_for_update=True, populate_existing=True)


def _usual(user_id: str) -> WebhookSettings:
    return WebhookSettings(user_id=user_id, events=list(USUAL_EVENTS))
