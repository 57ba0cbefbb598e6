"""What crosses between the workflow, the books and the sender of webhook messages.

No secret is ever in a message of Temporal: who sends reads it by the user's id.
"""

from dataclasses import dataclass

from schema.kinds import DeliveryFault, DeliveryStatus
from schema.messages.message import Message


class Announce(Message):
    """Something a receiver may have asked to be told of: an item is there or, without an index, the end."""

    generation_id: str
    index: int | None = None
    missed: bool = False
    """Of an end: with the pictures that were delivered before and not told of."""


class WebhookMessage(Message):
    """A message to be sent; its id is the workflow's."""

    id: str
    user_id: str
    event: str
    host: str
    once: bool = False
    """Asked for by the user, who looks at what comes back: it is not tried again by itself."""


class SendWebhook(Message):
    message_id: str
    user_id: str
    retry_in_s: float | None
    """When the next attempt would be, should this one fail; None for the last."""
    asked: bool = False
    """By the user, so also when it was delivered before or its URL is disabled."""


class SentWebhook(Message):
    """How a message stands after an attempt."""

    status: DeliveryStatus
    attempt: int
    error_code: str | None = None
    retry_in_s: float | None = None
    """None when nothing more will be tried."""


@dataclass(frozen=True)
class SealedSecret:
    sealed: str
    hint: str


@dataclass(frozen=True)
class ReceiverAnswer:
    """What came back from a receiver, or why nothing did."""

    duration_ms: int
    status_code: int | None = None
    fault: DeliveryFault | None = None
    retry_after_s: float | None = None
    response: str | None = None
