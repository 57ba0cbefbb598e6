"""The OpenAPI document: our own errors in place of the framework's, and which of them each route gives.

Clients are generated from it, so each route names its operation, verb first: `operation_id="listProjects"`.
Such a name is a method of those clients and stays. What a body or an answer may be is a named model; a
choice between models is a `TypeAliasType`, and all good answers of one operation have one type.
"""

from collections.abc import Iterator
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.dialect import speak_3_0
from schema import errors
from schema.errors import PoseError
from schema.models.base import ErrorAnswer

Responses = dict[int | str, dict[str, Any]]

TAGS: Final = [
    {"name": "generations", "description": "Start, follow and control paid batches of pictures."},
    {"name": "events", "description": "Progress as server-sent events."},
    {"name": "results", "description": "Finished pictures."},
    {"name": "sharing", "description": "Public links to pictures; opening one needs no token."},
    {"name": "library", "description": "Poses to choose from, their categories, and the export formats."},
    {"name": "projects", "description": "Folders of generations."},
    {"name": "avatars", "description": "Who is in the pictures."},
    {"name": "uploads", "description": "Pictures of avatars and backgrounds."},
    {"name": "custom poses", "description": "A project's own poses, for its own generations only."},
    {"name": "requests", "description": "Poses that users wish for, and their votes."},
    {"name": "library admin", "description": "Adding, changing and retiring poses. For administrators."},
    {"name": "credits", "description": "Balance, quota and ledger."},
    {"name": "stats", "description": "A user's own figures."},
    {"name": "metrics", "description": "The figures of all users. For administrators."},
    {"name": "webhooks", "description": "Messages to your own server, by the rules of standardwebhooks.com."},
    {"name": "operations", "description": "How the service is."},
]
EXAMPLES: Final[dict[type[PoseError], str]] = {
    errors.ValidationFailed: "batchSize: Input should be less than or equal to 10",
    errors.InvalidPrompt: "Say how the body is placed, for example: standing with arms crossed.",
    errors.Unauthenticated: "The token has expired. Sign in again.",
    errors.InsufficientCredits: "Insufficient credits. Required: 300, Available: 50",
    errors.Forbidden: "Premium poses need a premium account. Choose others or upgrade.",
    errors.NotFound: "There is no such generation.",
    errors.Conflict: "This generation is still running. Wait for its end or cancel it.",
    errors.RequestTimeout: "The request's body came too slowly. Send it again.",
    errors.PayloadTooLarge: "The request is larger than 1048576 bytes.",
    errors.UnsupportedMediaType: "Give a picture as PNG, JPEG or WebP.",
    errors.IdempotencyMismatch: "This Idempotency-Key was used for another request. Use a new key.",
    errors.RateLimited: "Only 2 ZIP downloads at once. Wait until one has ended.",
    errors.QuotaExceeded: "Daily quota exceeded. Required: 8, Available: 3",
    errors.Unavailable: "The workflow service cannot be reached. Try again.",
    PoseError: "Something went wrong on our side. Try again.",
}
PLACE: Final = "#/components/examples/"
RETRY_LATER: Final = (errors.RateLimited.status, errors.Unavailable.status)
RETRY_AFTER: Final = {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds."}}
ALWAYS: Final[tuple[type[PoseError], ...]] = (
    errors.ValidationFailed,
    errors.Unauthenticated,
    errors.Unavailable,
    PoseError,
)


def failures(*kinds: type[PoseError], public: bool = False) -> Responses:
    """The error answers of a route: those it names and those that any route may give."""
    slow = (errors.RequestTimeout,) if errors.PayloadTooLarge in kinds else ()  # whatever has a body
    found = [
        kind
        for kind in dict.fromkeys((*ALWAYS, *slow, *kinds))
        if not (public and kind is errors.Unauthenticated)
    ]
    responses: Responses = {}
    for kind in found:
        entry = responses.setdefault(
            kind.status,
            {"model": ErrorAnswer, "description": "", "content": {"application/json": {"examples": {}}}},
        )
        if kind.status in RETRY_LATER:
            entry["headers"] = RETRY_AFTER
        entry["description"] = " or ".join(filter(None, (entry["description"], kind.code)))
        entry["content"]["application/json"]["examples"][kind.code] = {"$ref": PLACE + kind.code}
    return responses


def _examples() -> dict[str, Any]:
    """One of each kind of error, for all routes."""
    return {
        kind.code: {"value": {"error": {"message": message, "code": kind.code, "statusCode": kind.status}}}
        for kind, message in EXAMPLES.items()
    }


def install(app: FastAPI) -> None:
    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            written = get_openapi(
                title=app.title,
                version=app.version,
                description=app.description,
                routes=app.routes,
                tags=TAGS,
            )
            written["components"]["examples"] = _examples()
            app.openapi_schema = speak_3_0(_without_framework_errors(written))
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]  # FastAPI's documented way to change the document


def _without_framework_errors(document: dict[str, Any]) -> dict[str, Any]:
    """Validation errors are answered as 400 in our own shape, so the framework's 422 never happens."""
    for operation in _operations(document["paths"]):
        content = operation["responses"].get("422", {}).get("content", {})
        if "HTTPValidationError" in str(content):
            del operation["responses"]["422"]
    for name in ("HTTPValidationError", "ValidationError"):
        document["components"]["schemas"].pop(name, None)
    return document


def _operations(paths: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Ours, and those that others serve for us."""
    for path in paths.values():
        for operation in path.values():
            yield operation
            for callback in operation.get("callbacks", {}).values():
                yield from _operations(callback)
