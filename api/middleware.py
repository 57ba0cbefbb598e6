"""What holds for every answer: a request id, careful headers, a bounded body, no internals in a failure.

Plain ASGI throughout: streams pass untouched and a client that leaves is noticed at once.
"""

import asyncio
import logging
import re
import time
from collections.abc import Mapping
from uuid import uuid4

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import errors
from schema.errors import NotFound, PayloadTooLarge, PoseError, RequestTimeout, ValidationFailed
from telemetry import context

BODY_LIMIT_BYTES = 1024 * 1024
BODY_S = 30.0
LEAST_BYTES_PER_S = 16 * 1024
"""A body may be on its way for BODY_S, and for longer by as much as comes at this pace."""
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}

log = logging.getLogger(__name__)


class Envelope:
    """Names each request and completes the headers that the answer itself does not set.

    What is put into `request.state.headers` goes with the answer, whichever it will be.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        request_id = given if REQUEST_ID.fullmatch(given) else uuid4().hex
        told: dict[str, str] = {}
        scope.setdefault("state", {}).update(request_id=request_id, headers=told)

        async def complete(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["X-Request-Id"] = request_id
                for name, value in (HEADERS | told).items():
                    headers.setdefault(name, value)
            await send(message)

        with context.bound({context.REQUEST_ID: request_id}):
            await self._app(scope, receive, complete)


class LastResort:
    """A failure nobody expected: the log has it whole, the client gets the request's id."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def watch(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, watch)
        except Exception:
            if scope["type"] != "http":
                raise
            request_id = scope["state"]["request_id"]
            log.exception("request %s failed", request_id)
            if started:
                raise  # half an answer cannot be taken back: the connection breaks
            details = {"requestId": request_id}
            failure = PoseError("Something went wrong on our side. Try again.", details=details)
            await errors.answer(failure)(scope, receive, send)


class Limits:
    """Refuses what is too large before it is held in memory, and NUL characters: nothing of ours has any."""

    def __init__(
        self, app: ASGIApp, larger: Mapping[str, int] | None = None, usual: int = BODY_LIMIT_BYTES
    ) -> None:
        """`larger` is by path, for those that take more than a JSON body."""
        self._app = app
        self._larger = larger or {}
        self._usual = usual

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        limit_bytes = self._larger.get(scope.get("path", ""), self._usual)
        refusal = _refusal(scope, limit_bytes) if scope["type"] == "http" else None
        if refusal:
            await errors.answer(refusal)(scope, receive, send)
        else:
            await self._app(scope, _Body(receive, limit_bytes).next, send)


def _refusal(scope: Scope, limit_bytes: int) -> PoseError | None:
    length = Headers(scope=scope).get("content-length", "")
    if length.isdecimal() and int(length) > limit_bytes:
        return PayloadTooLarge(f"The request is larger than {limit_bytes} bytes.")
    if "\0" in scope["path"]:
        return NotFound("There is no such address.")
    if b"%00" in scope["query_string"] or b"\0" in scope["query_string"]:
        return ValidationFailed("The query holds a NUL character.")
    return None


class _Body:
    """A body sent in chunks states no length, so it is counted as it comes; and it must come.

    Only waiting for the client counts, not the time that we take.
    """

    def __init__(self, receive: Receive, limit_bytes: int) -> None:
        self._receive = receive
        self._limit_bytes = limit_bytes
        self._received_bytes = 0
        self._waited_s = 0.0
        self._complete = False

    async def next(self) -> Message:
        if self._complete:
            return await self._receive()  # to learn that the client has left
        message = await self._awaited()
        self._complete = not message.get("more_body", False)
        self._received_bytes += len(message.get("body", b""))
        if self._received_bytes > self._limit_bytes:
            raise HTTPException(PayloadTooLarge.status)
        return message

    async def _awaited(self) -> Message:
        began_s = time.monotonic()
        patience_s = BODY_S + self._received_bytes / LEAST_BYTES_PER_S - self._waited_s
        try:
            async with asyncio.timeout(patience_s):
                return await self._receive()
        except TimeoutError as error:
            raise HTTPException(RequestTimeout.status) from error
        finally:
            self._waited_s += time.monotonic() - began_s
