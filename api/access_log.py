"""One line and one count for each answer. The route stands for its address: ids and secrets stay out."""

import logging
import time
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from schema.settings import API_PREFIX
from telemetry import metrics, traces
from telemetry.logs import FIELDS

UNMATCHED: Final = "unmatched"
METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
PROBES: Final = ("/livez", "/readyz", "/metrics", "/health")
"""Asked every few seconds: counted, and logged only for debugging."""
CLIENT_LEFT: Final = 499
"""No answer: the client was gone before there was one."""

FAILURES: Final = 500

log = logging.getLogger(__name__)


class AccessLog:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        logging.getLogger("uvicorn.access").disabled = True  # it tells whole addresses, tickets and all

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun, status = time.monotonic(), CLIENT_LEFT

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                _seconds(scope, time.monotonic() - begun)
            await send(message)

        with _span(scope) as note:
            try:
                await self._app(scope, receive, watch)
            finally:
                metrics.HTTP_REQUESTS.labels(_method(scope), _route(scope), status).inc()
                note(_attributes(scope, status))
                _say(scope, status, time.monotonic() - begun)


def _seconds(scope: Scope, seconds: float) -> None:
    metrics.HTTP_SECONDS.labels(_method(scope), _route(scope)).observe(seconds)


def _span(scope: Scope) -> AbstractContextManager[traces.Note]:
    if scope["path"].endswith(PROBES):
        return nullcontext(lambda _: None)
    return traces.answering(_method(scope), Headers(scope=scope))


def _attributes(scope: Scope, status: int) -> dict[str, str | int]:
    told: dict[str, str | int] = {
        "http.request.method": _method(scope),
        "http.route": _route(scope),
        "http.response.status_code": status,
    }
    return told | ({"error.type": str(status)} if status >= FAILURES else {})


def _say(scope: Scope, status: int, seconds: float) -> None:
    method, route = _method(scope), _route(scope)
    level = logging.DEBUG if route.endswith(PROBES) else logging.INFO
    fields: dict[str, Any] = {
        "method": method,
        "route": route,
        "status": status,
        "duration_ms": round(1000 * seconds, 1),
    }
    log.log(level, "%s %s %s", method, route, status, extra={FIELDS: fields})


def _method(scope: Scope) -> str:
    """Anybody can send any word for a method, and each would be a label of its own."""
    method = str(scope["method"])
    return method if method in METHODS else "OTHER"


def _route(scope: Scope) -> str:
    """As the OpenAPI document writes it; a router's own routes know nothing of its prefix."""
    path: str | None = getattr(scope.get("route"), "path", None)
    if path is None:
        return UNMATCHED
    return API_PREFIX + path if scope["path"].startswith(f"{API_PREFIX}/") else path
