"""Which receiver is told of a generation: the one it names, or else its user's own for all generations."""

from collections.abc import Sequence

from sqlmodel.ext.asyncio.session import AsyncSession

from adapters.public import AddressRefused, refuse_impossible
from schema.errors import ValidationFailed
from schema.kinds import WebhookEvent
from schema.queries.webhooks import settings as webhook_settings

Chosen = tuple[str | None, tuple[WebhookEvent, ...]]


async def chosen(
    session: AsyncSession, user_id: str, url: str | None, events: Sequence[WebhookEvent] | None
) -> Chosen:
    """Fixed with the order: settings changed later are for later generations."""
    settings = await webhook_settings.read(session, user_id)
    receiver = url or settings.url
    wanted = settings.events if events is None else events
    told_of = tuple(WebhookEvent(event) for event in dict.fromkeys(wanted)) if receiver else ()
    return receiver, told_of


def require_possible(url: str | None, path: str, *, allow_loopback: bool) -> None:
    """Only what can be told at once; a name is looked up when it is called."""
    try:
        if url is not None:
            refuse_impossible(url, allow_loopback=allow_loopback)
    except AddressRefused as error:
        details = [{"path": path, "in": "body", "message": error.message}]
        raise ValidationFailed(f"{path}: {error.message}", details=details) from error
