"""Every failure leaves in one shape: {"error": {message, code, statusCode, details?}}. Internals never do."""

import json
import math
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import compile_path

from schema.errors import (
    MethodNotAllowed,
    NotFound,
    PayloadTooLarge,
    PoseError,
    RateLimited,
    RequestTimeout,
    Unauthenticated,
    Unavailable,
    ValidationFailed,
)
from schema.kinds import GenerationType

DEFAULT_RETRY_AFTER_S = {RateLimited.status: 60.0, Unavailable.status: 5.0}
BY_STATUS: dict[int, tuple[type[PoseError], str]] = {
    404: (NotFound, "There is no such address. See /docs for those there are."),
    405: (MethodNotAllowed, "This address does not take that method. See /docs."),
    408: (RequestTimeout, "The request's body came too slowly. Send it again."),
    413: (PayloadTooLarge, "The request is too large."),
}


def install(app: FastAPI) -> None:
    app.add_exception_handler(PoseError, _known)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)


def answer(error: PoseError, extra: Mapping[str, str] | None = None) -> JSONResponse:
    body: dict[str, Any] = {"message": error.message, "code": error.code, "statusCode": error.status}
    if error.details is not None:
        body["details"] = error.details
    return _Answer({"error": body}, error.status, {**_headers(error), **(extra or {})})


class _Answer(JSONResponse):
    """In ASCII: what a message repeats of the request may be no text, such as half a letter."""

    def render(self, content: Any) -> bytes:
        return json.dumps(content, allow_nan=False, separators=(",", ":")).encode()


def _headers(error: PoseError) -> dict[str, str]:
    wait_s = error.retry_after_s or DEFAULT_RETRY_AFTER_S.get(error.status)
    headers = {"Retry-After": str(max(1, math.ceil(wait_s)))} if wait_s else {}
    if isinstance(error, Unauthenticated):
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, RequestTimeout):
        headers["Connection"] = "close"  # what is still to come of it would be taken for the next request
    return headers


async def _known(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, PoseError)
    return answer(error)


async def _http(request: Request, error: Exception) -> JSONResponse:
    """What the framework itself refuses: unknown routes, wrong methods, broken bodies."""
    assert isinstance(error, HTTPException)
    kind, message = BY_STATUS.get(error.status_code, (ValidationFailed, "The request cannot be read."))
    if kind is MethodNotAllowed:
        return answer(kind(message), {"Allow": ", ".join(sorted(_methods(request)))})
    return answer(kind(message), error.headers)


def _methods(request: Request) -> set[str]:
    """Of all routes of this address: the framework knows only those of the first."""
    return {
        method
        for route in iter_route_contexts(request.app.routes)
        if route.path and compile_path(route.path)[0].match(request.url.path)
        for method in route.methods or ()
    }


async def _invalid(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    details = [_detail(fault) for fault in error.errors()[:50]]
    first = details[0]
    return answer(ValidationFailed(f"{first['path'] or 'body'}: {first['message']}", details=details))


def _detail(fault: Mapping[str, Any]) -> dict[str, str]:
    """Where and what; never the value itself, which may be secret, huge or not even JSON."""
    place, *path = [str(part) for part in fault["loc"]]
    if path and path[0] in set(GenerationType):
        path = path[1:]
    if fault["type"] in ("union_tag_not_found", "union_tag_invalid"):
        kinds = " or ".join(GenerationType)
        return {"path": "generationType", "in": place, "message": f"must be {kinds}"}
    if fault["type"] == "json_invalid":
        return {"path": "", "in": place, "message": "is not valid JSON"}
    return {"path": ".".join(path), "in": place, "message": _message(fault)}


def _message(fault: Mapping[str, Any]) -> str:
    """A text that was checked before its length is measured as any list would be."""
    match fault:
        case {"type": "too_short", "input": str(), "ctx": {"min_length": least}}:
            return f"String should have at least {least} character{'' if least == 1 else 's'}"
        case {"type": "too_long", "input": str(), "ctx": {"max_length": most}}:
            return f"String should have at most {most} characters"
    return str(fault["msg"]).removeprefix("Value error, ")
