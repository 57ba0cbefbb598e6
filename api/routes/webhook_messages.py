"""What a receiver has to serve, for the document only: these are calls of ours to a server of yours."""

from typing import Annotated

from fastapi import APIRouter, Body, Header

from schema.models.webhook_events import OrderMessage

router = APIRouter()

Id = Annotated[str, Header(alias="webhook-id", description="The same for every attempt at a message.")]
SentAt = Annotated[int, Header(alias="webhook-timestamp", description="Of this attempt, in seconds.")]
Signature = Annotated[
    str,
    Header(
        alias="webhook-signature",
        description="`v1,` and the signature; several, with blanks between, while a secret is rotated.",
    ),
]


@router.post(
    "{$request.body#/webhookUrl}",
    operation_id="receiveWebhook",
    summary="Receive a message",
    status_code=204,
    responses={410: {"description": "Never call this URL again."}},
)
def receive(
    message: Annotated[OrderMessage, Body()],
    webhook_id: Id,
    webhook_timestamp: SentAt,
    webhook_signature: Signature,
) -> None:
    """Answer with any 2xx within 15 seconds; everything else is tried again for about a day."""
