"""A user's webhooks as the API shows and takes them."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from schema.kinds import DeliveryFault, DeliveryStatus, WebhookEvent
from schema.models.base import ApiModel, Flag, Link
from schema.tables import WebhookAttempt, WebhookDelivery, WebhookSecret, WebhookSettings

FAULTS: dict[DeliveryFault, str] = {
    DeliveryFault.BAD_STATUS: "The receiver answered with a status that is not 2xx.",
    DeliveryFault.REDIRECTED: "The receiver redirects. Give the final URL: redirects are not followed.",
    DeliveryFault.GONE: "The receiver answered 410 Gone: nothing more is sent to this URL.",
    DeliveryFault.TIMEOUT: "The receiver did not answer within 15 seconds.",
    DeliveryFault.UNREACHABLE: "The receiver could not be reached, or broke off.",
    DeliveryFault.ADDRESS_REFUSED: "This URL does not lead to a public server by https.",
    DeliveryFault.URL_DISABLED: "This URL answered 410 Gone before, so nothing was sent.",
    DeliveryFault.SECRET_UNREADABLE: "Your webhook secret can no longer be used. Make a new one.",
    DeliveryFault.INTERRUPTED: "Broke off on our side: it may have arrived, and is sent again.",
    DeliveryFault.STOPPED: "Was stopped on our side. Ask for it again if you still want it.",
}
Events = Annotated[
    list[WebhookEvent],
    Field(max_length=len(WebhookEvent), examples=[["generation.completed", "item.completed"]]),
]


class SecretView(ApiModel):
    hint: str
    """Its last characters, to tell it from others."""
    created_at: datetime
    previous_valid_until: datetime | None
    """Until then every message is signed with the previous secret too."""

    @classmethod
    def of(cls, secrets: Sequence[WebhookSecret]) -> "SecretView | None":
        """Of those that are valid, the one in use first."""
        if not secrets:
            return None
        in_use, *replaced = secrets
        until = max((each.expires_at for each in replaced if each.expires_at), default=None)
        return cls(hint=in_use.hint, created_at=in_use.created_at, previous_valid_until=until)


class DisabledUrl(ApiModel):
    url: str
    since: datetime


class WebhooksAnswer(ApiModel):
    url: str | None
    """Told of all generations that name no `webhookUrl` of their own."""
    events: list[WebhookEvent]
    secret: SecretView | None
    disabled_urls: list[DisabledUrl]
    """They answered 410 Gone: nothing is sent there until they are set again or a test arrives there."""

    @classmethod
    def of(cls, row: WebhookSettings, secrets: Sequence[WebhookSecret]) -> "WebhooksAnswer":
        return cls(
            url=row.url,
            events=[WebhookEvent(event) for event in row.events],
            secret=SecretView.of(secrets),
            disabled_urls=[
                DisabledUrl(url=url, since=datetime.fromisoformat(since))
                for url, since in row.disabled.items()
            ],
        )


class WebhooksChange(ApiModel):
    """What is absent or null is cleared: no URL for all generations, the usual events."""

    url: Link | None = None
    events: Events | None = None


class SecretDraft(ApiModel):
    revoke_previous: Flag = Field(
        default=False, description="The previous secrets stop signing at once: for when one has leaked."
    )


class SecretAnswer(ApiModel):
    secret: str = Field(
        description="Shown in this answer only.", examples=["whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"]
    )
    hint: str
    previous_valid_until: datetime | None


class PingDraft(ApiModel):
    url: Link | None = Field(default=None, description="Where to; without it, the URL of your settings.")


class AttemptView(ApiModel):
    number: int
    started_at: datetime
    duration_ms: int | None
    status_code: int | None
    error_code: DeliveryFault | None
    error: str | None
    response: str | None
    """The beginning of what the receiver said."""

    @classmethod
    def of(cls, row: WebhookAttempt) -> "AttemptView":
        return cls.model_validate(row.model_dump() | {"error": _sentence(row.error_code)})


class DeliveryView(ApiModel):
    id: str
    """The `webhook-id` of all its attempts."""
    generation_id: str | None
    event: str
    url: str
    status: DeliveryStatus
    attempt_count: int
    last_status_code: int | None
    error_code: DeliveryFault | None
    """Of the last attempt."""
    error: str | None
    next_attempt_at: datetime | None
    delivered_at: datetime | None
    created_at: datetime

    @classmethod
    def facts(cls, row: WebhookDelivery) -> dict[str, Any]:
        return row.model_dump(exclude={"attempts"}) | {
            "attempt_count": row.attempts,
            "last_status_code": row.last_status,
            "error_code": row.last_error,
            "error": _sentence(row.last_error),
        }

    @classmethod
    def of(cls, row: WebhookDelivery) -> "DeliveryView":
        return cls.model_validate(cls.facts(row))


class DeliveryDetail(DeliveryView):
    payload: dict[str, Any]
    attempts: list[AttemptView]

    @classmethod
    def whole(cls, row: WebhookDelivery, attempts: Sequence[WebhookAttempt]) -> "DeliveryDetail":
        more = {"payload": json.loads(row.body), "attempts": [AttemptView.of(each) for each in attempts]}
        return cls.model_validate(cls.facts(row) | more)


class DeliveryAnswer(ApiModel):
    delivery: DeliveryDetail


class DeliveriesAnswer(ApiModel):
    deliveries: list[DeliveryView]
    next_cursor: str | None


def _sentence(code: str | None) -> str | None:
    return FAULTS[DeliveryFault(code)] if code else None
