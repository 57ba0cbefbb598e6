"""A refusing reply of fal as one of our errors.

Read are the status, the headers and the machine-readable types of both error shapes, never message text:
the model's `detail` list and the gateway's `detail` string with `error_type`.
"""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Final

from adapters.http import Reply
from adapters.providers import refusal
from schema.errors import (
    InappropriatePrompt,
    ItemError,
    OutputModerated,
    ProviderTimeout,
    ProviderUnavailable,
)

TRANSIENT_TYPES: Final = frozenset(
    {
        "generation_timeout", "internal_server_error", "internal_error",
        "downstream_service_error", "downstream_service_unavailable",
        "request_timeout", "startup_timeout", "client_cancelled", "client_disconnected",
    }
)  # fmt: skip
"""A cancelled job too: whoever waits for one wants the picture, whatever a dead worker or an operator did."""

JOB_HEADERS: Final = frozenset({"x-fal-request-id", "x-fal-retryable", "x-fal-needs-retry"})


def failure(reply: Reply, secret: str = "", more_types: frozenset[str] = frozenset()) -> ItemError:
    """The error this reply stands for; `secret` is blotted out of what the operator will read."""
    types = error_types(reply) | more_types
    request_id = reply.headers.get("x-fal-request-id")
    return refusal.error_of(_kind(reply, types), reply, secret, types=sorted(types), request_id=request_id)


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
    if reply.status in refusal.ACCOUNT or reply.status == HTTPStatus.TOO_MANY_REQUESTS:
        return refusal.kind_of(reply)
    if reply.headers.get("x-fal-request-timeout-type") == "user":
        return ProviderTimeout
    return ProviderUnavailable if _retryable(reply, types) else refusal.kind_of(reply)


def _retryable(reply: Reply, types: frozenset[str]) -> bool:
    """Only a `true` is a judgement: fal's own toolkit says `false` wherever its author said nothing."""
    if reply.headers.get("x-fal-retryable", reply.headers.get("x-fal-needs-retry")) in ("true", "1"):
        return True
    if any(name in TRANSIENT_TYPES or name.startswith("runner_") for name in types):
        return True
    return reply.ok and not types  # a failed job that does not say of what


def _types(reply: Reply) -> Iterator[str]:
    body = reply.parsed or {}
    detail = body.get("detail")
    candidates = [body.get("error_type"), reply.headers.get("x-fal-error-type")]
    if isinstance(detail, list):
        candidates += [entry.get("type") for entry in detail if isinstance(entry, dict)]
    yield from (name for name in candidates if isinstance(name, str) and name)
