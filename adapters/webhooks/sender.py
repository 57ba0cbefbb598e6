"""One call to a receiver, signed. Whatever the receiver does is an answer, never an exception."""

import time
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import httpx
from standardwebhooks import Webhook

from adapters.http import Reply
from adapters.public import AddressRefused, FetchFailed, PublicClient, TookTooLong
from adapters.webhooks.vault import SecretUnreadable, Vault
from schema.kinds import DeliveryFault
from schema.webhooks import ReceiverAnswer

TOTAL_S: Final = 15.0
MAX_ANSWER_BYTES: Final = 64 * 1024
KEPT_CHARACTERS: Final = 1000
MAY_ASK_TO_WAIT: Final = (httpx.codes.TOO_MANY_REQUESTS, httpx.codes.SERVICE_UNAVAILABLE)
HEADERS: Final = {"Content-Type": "application/json", "User-Agent": "posegen-webhooks"}
CONTROLS: Final = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
"""Unicode's kinds of characters that do something to a terminal or a page instead of showing."""


@dataclass(frozen=True)
class Outgoing:
    id: str
    url: str
    body: str
    sealed_secrets: Sequence[str]


class WebhookSender:
    def __init__(self, http: PublicClient, vault: Vault) -> None:
        self._http = http
        self._vault = vault

    async def send(self, message: Outgoing) -> ReceiverAnswer:
        began = time.monotonic()
        try:
            reply = await self._post(message)
        except (AddressRefused, FetchFailed, SecretUnreadable) as error:
            return ReceiverAnswer(_ms_since(began), fault=_fault(error))
        return ReceiverAnswer(
            _ms_since(began),
            status_code=reply.status,
            fault=_verdict(reply.status),
            retry_after_s=reply.retry_after_s if reply.status in MAY_ASK_TO_WAIT else None,
            response=_shown(reply.content),
        )

    async def _post(self, message: Outgoing) -> Reply:
        headers = HEADERS | self._signed(message, datetime.now(UTC))
        return await self._http.post(
            message.url, message.body.encode(), headers, total_s=TOTAL_S, max_bytes=MAX_ANSWER_BYTES
        )

    def _signed(self, message: Outgoing, at: datetime) -> dict[str, str]:
        """By every secret that is valid, so that a receiver may change its own at leisure."""
        secrets = [self._vault.open(sealed) for sealed in message.sealed_secrets]
        return {
            "webhook-id": message.id,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": " ".join(
                Webhook(each).sign(message.id, at, message.body) for each in secrets
            ),
        }


def _verdict(status: int) -> DeliveryFault | None:
    if httpx.codes.is_success(status):
        return None
    if httpx.codes.is_redirect(status):
        return DeliveryFault.REDIRECTED
    return DeliveryFault.GONE if status == httpx.codes.GONE else DeliveryFault.BAD_STATUS


def _fault(error: Exception) -> DeliveryFault:
    if isinstance(error, SecretUnreadable):
        return DeliveryFault.SECRET_UNREADABLE
    if isinstance(error, AddressRefused):
        return DeliveryFault.ADDRESS_REFUSED
    return DeliveryFault.TIMEOUT if isinstance(error, TookTooLong) else DeliveryFault.UNREACHABLE


def _shown(content: bytes) -> str:
    """The beginning, fit for a page, a log and the database."""
    text = content[: 4 * KEPT_CHARACTERS].decode(errors="replace")[:KEPT_CHARACTERS]
    return "".join(each if _shows(each) else " " for each in text).strip()


def _shows(character: str) -> bool:
    return unicodedata.category(character) not in CONTROLS


def _ms_since(began: float) -> int:
    return round(1000 * (time.monotonic() - began))
