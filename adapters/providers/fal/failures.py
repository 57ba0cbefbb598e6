"""A refusing reply of fal as one of our errors.

Read are the status, the headers and the machine-readable types of both error shapes, never message text:
the model's `detail` list and the gateway's `detail` string with `error_type`.
"""

from collections.abc import Iterator
from typing import Any, Final

from adapters.http import Reply
from schema.errors import (
    SENTENCES,
    InappropriatePrompt,
    ItemError,
    OutputModerated,
    ProviderAccount,
    ProviderBusy,
    ProviderRejected,
    ProviderTimeout,
    ProviderUnavailable,
)

ACCOUNT: Final = frozenset({401, 402, 403})
TRY_AGAIN: Final = frozenset({408, 425, 429})
SERVER_TROUBLE: Final = 500
TRANSIENT_TYPES: Final = frozenset(
    {
        "generation_timeout", "internal_server_error", "internal_error",
        "downstream_service_error", "downstream_service_unavailable",
        "request_timeout", "startup_timeout", "client_cancelled", "client_disconnected",
    }
)  # fmt: skip
"""A cancelled job too: whoever waits for one wants the picture, whatever a dead worker or an operator did."""

JOB_HEADERS: Final = frozenset({"x-fal-request-id", "x-fal-retryable", "x-fal-needs-retry"})
MAX_QUOTE: Final = 500


def failure(reply: Reply, secret: str = "", more_types: frozenset[str] = frozenset()) -> ItemError:
    """The error this reply stands for; `secret` is blotted out of what the operator will read."""
    types = error_types(reply) | more_types
    kind = _kind(reply, types)
    details = _details(reply, types, secret)
    return kind(SENTENCES[kind.code], details=details, retry_after_s=reply.retry_after_s)


def error_types(reply: Reply) -> frozenset[str]:
    return frozenset(_types(reply))


def from_the_job(reply: Reply) -> bool:
    """Server trouble that is the job's own outcome, not an accident of the gateway that was asked for it."""
    return bool(error_types(reply) or JOB_HEADERS & reply.headers.keys())


def _kind(reply: Reply, types: frozenset[str]) -> type[ItemError]:
    if "content_policy_violation" in types:
        return InappropriatePrompt
    if "no_media_generated" in types:
        return OutputModerated
    if reply.status in ACCOUNT:
        return ProviderAccount
    if reply.status == 429:  # noqa: PLR2004 - a well-known status
        return ProviderBusy
    if reply.headers.get("x-fal-request-timeout-type") == "user":
        return ProviderTimeout
    return ProviderUnavailable if _retryable(reply, types) else ProviderRejected


def _retryable(reply: Reply, types: frozenset[str]) -> bool:
    """Only a `true` is a judgement: fal's own toolkit says `false` wherever its author said nothing."""
    if reply.headers.get("x-fal-retryable", reply.headers.get("x-fal-needs-retry")) in ("true", "1"):
        return True
    if any(name in TRANSIENT_TYPES or name.startswith("runner_") for name in types):
        return True
    untyped_job_failure = reply.ok and not types
    return untyped_job_failure or reply.status in TRY_AGAIN or reply.status >= SERVER_TROUBLE


def _types(reply: Reply) -> Iterator[str]:
    body = reply.parsed or {}
    detail = body.get("detail")
    candidates = [body.get("error_type"), reply.headers.get("x-fal-error-type")]
    if isinstance(detail, list):
        candidates += [entry.get("type") for entry in detail if isinstance(entry, dict)]
    yield from (name for name in candidates if isinstance(name, str) and name)


def _details(reply: Reply, types: frozenset[str], secret: str) -> dict[str, Any]:
    text = _quote(reply)
    return {
        "status": reply.status,
        "types": sorted(types),
        "request_id": reply.headers.get("x-fal-request-id"),
        "text": (text.replace(secret, "[key]") if secret else text)[:MAX_QUOTE],
    }


def _quote(reply: Reply) -> str:
    """What the provider said. A detail's `input` repeats our whole request, picture included: left out."""
    body = reply.parsed or {}
    detail = body.get("detail", body.get("error"))
    if isinstance(detail, list):
        return "; ".join(str(entry.get("msg", "")) for entry in detail if isinstance(entry, dict))
    return detail if isinstance(detail, str) else reply.content[: 4 * MAX_QUOTE].decode(errors="replace")
