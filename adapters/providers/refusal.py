"""What the status of a refusing reply means, whoever sent it, and what the operator reads of it."""

from http import HTTPStatus
from typing import Any, Final

from adapters.http import Reply
from schema.errors import (
    SENTENCES,
    ItemError,
    ProviderAccount,
    ProviderBusy,
    ProviderRejected,
    ProviderUnavailable,
)

ACCOUNT: Final = frozenset({401, 402, 403})
TRY_AGAIN: Final = frozenset({408, 425, 429})
SERVER_TROUBLE: Final = 500
MAX_QUOTE: Final = 500
SAID_IN: Final = ("detail", "error", "message")


def refused(reply: Reply, secret: str = "", **more: Any) -> ItemError:
    return error_of(kind_of(reply), reply, secret, **more)


def error_of(kind: type[ItemError], reply: Reply, secret: str = "", **more: Any) -> ItemError:
    """`secret` is blotted out of what the operator will read."""
    text = quote(reply)
    details = {
        "status": reply.status,
        **more,
        "text": (text.replace(secret, "[key]") if secret else text)[:MAX_QUOTE],
    }
    return kind(SENTENCES[kind.code], details=details, retry_after_s=reply.retry_after_s)


def kind_of(reply: Reply) -> type[ItemError]:
    if reply.status in ACCOUNT:
        return ProviderAccount
    if reply.status == HTTPStatus.TOO_MANY_REQUESTS:
        return ProviderBusy
    return ProviderUnavailable if passing(reply) else ProviderRejected


def passing(reply: Reply) -> bool:
    """Trouble that may be over the next time."""
    return reply.status in TRY_AGAIN or reply.status >= SERVER_TROUBLE


def quote(reply: Reply) -> str:
    """What the provider said. A detail's `input` repeats our whole request, picture included: left out."""
    said = next((value for name in SAID_IN if (value := (reply.parsed or {}).get(name))), None)
    if said:
        return "; ".join(map(_sentence, said if isinstance(said, list) else [said]))
    return reply.headers.get("x-error-message") or reply.content[: 4 * MAX_QUOTE].decode(errors="replace")


def _sentence(entry: Any) -> str:
    if isinstance(entry, dict):
        return str(entry.get("msg") or entry.get("message") or "")
    return str(entry)


def for_operator(error: ItemError) -> str:
    """What a failed checkup says. Users are told that an account in trouble is not theirs to repair."""
    details = error.details if isinstance(error.details, dict) else {}
    told = ", ".join(str(details[name]) for name in ("status", "text", "error") if details.get(name))
    said = "our account is refused." if isinstance(error, ProviderAccount) else error.message
    return f"{said} ({told})" if told else said
