"""What can go wrong with a single answer: each fault gets the good answer as something it may ask for.

One that never asks for it refuses the request before anything happened; one that does has done the work.
"""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, Literal, Protocol

from starlette.responses import HTMLResponse, JSONResponse, Response

from simulator.faults.wire import Reset, Silence, drip
from simulator.faults.wording import Refusal, Wording

Stage = Literal["submit", "run", "status", "result", "file", "cancel", "upload"]
Answer = Callable[[], Awaitable[Response]]

ANY: Final[tuple[Stage, ...]] = ("submit", "status", "result", "file", "cancel", "upload")
JSON_ONLY: Final[tuple[Stage, ...]] = ("submit", "status", "result", "cancel", "upload")
FOREIGN_URL: Final = "http://169.254.169.254/latest/meta-data/"


class Knobs(Protocol):
    """What a rule may set; each fault uses what it understands."""

    @property
    def seconds(self) -> float | None: ...
    @property
    def url(self) -> str: ...


Behaviour = Callable[[Answer, Knobs, Wording], Awaitable[Response]]


@dataclass(frozen=True)
class Reply:
    behaviour: Behaviour
    stages: tuple[Stage, ...] = ANY
    """Where it may apply; the first is where it does unless the rule says otherwise."""


def _refuse(status: int, message: str) -> Behaviour:
    async def behaviour(_: Answer, __: Knobs, worded: Wording) -> Response:
        return worded(Refusal(status, message))

    return behaviour


def _gateway_page(status: int, title: str) -> Behaviour:
    async def behaviour(_: Answer, __: Knobs, ___: Wording) -> Response:
        return HTMLResponse(f"<html><head><title>{status} {title}</title></head></html>", status)

    return behaviour


def _transform(change: Callable[[Response, Knobs], Response]) -> Behaviour:
    async def behaviour(answer: Answer, knobs: Knobs, _: Wording) -> Response:
        return change(await answer(), knobs)

    return behaviour


async def _rate_limited(_: Answer, knobs: Knobs, worded: Wording) -> Response:
    wait_s = 1 if knobs.seconds is None else knobs.seconds
    return worded(Refusal(429, "Too many requests", wait_s=wait_s))


async def _loading(_: Answer, knobs: Knobs, worded: Wording) -> Response:
    wait_s = 20 if knobs.seconds is None else knobs.seconds
    return worded(Refusal(503, "Model is currently loading", loading_s=wait_s))


async def _reset(_: Answer, __: Knobs, ___: Wording) -> Response:
    return Reset()


async def _redirect(_: Answer, knobs: Knobs, __: Wording) -> Response:
    return Response(status_code=307, headers={"Location": knobs.url})


def _drip(response: Response, knobs: Knobs) -> Response:
    return drip(response, 0.05 if knobs.seconds is None else knobs.seconds)


def _edit(change: Callable[[dict[str, Any], str], None]) -> Behaviour:
    def changed(response: Response, knobs: Knobs) -> Response:
        body = json.loads(bytes(response.body))
        change(body, knobs.url)
        headers = {name: value for name, value in response.headers.items() if name != "content-length"}
        return JSONResponse(body, response.status_code, headers)

    return _transform(changed)


def _foreign_picture(body: dict[str, Any], url: str) -> None:
    for image in body.get("images", []):
        image["url"] = url


LOCKED = "User is locked. Reason: Exhausted balance. Top up your balance at fal.ai/dashboard/billing."

REPLIES: Final[dict[str, Reply]] = {
    "rate_limited": Reply(_rate_limited),
    "rate_limited_silently": Reply(_refuse(429, "Too many requests")),
    "loading": Reply(_loading),
    "error_400": Reply(_refuse(400, "Bad request")),
    "error_408": Reply(_refuse(408, "Request timeout")),
    "error_422": Reply(_refuse(422, "Invalid")),
    "error_500": Reply(_refuse(500, "Internal server error")),
    "error_502": Reply(_gateway_page(502, "Bad Gateway")),
    "error_503": Reply(_gateway_page(503, "Service Unavailable")),
    "error_504": Reply(_gateway_page(504, "Gateway Timeout")),
    "unauthorized": Reply(_refuse(401, "Invalid or missing key")),
    "out_of_credits": Reply(_refuse(402, "You have exceeded your monthly included credits.")),
    "locked": Reply(_refuse(403, LOCKED)),
    "not_found": Reply(_refuse(404, "Not found")),
    "gone": Reply(_refuse(410, "Gone")),
    "redirect": Reply(_redirect),
    "reset": Reply(_reset),
    "cut": Reply(_transform(lambda _, __: Reset())),
    "cut_halfway": Reply(_transform(lambda response, _: Reset(response)), ("file", *JSON_ONLY)),
    "silence": Reply(_transform(lambda _, __: Silence())),
    "drip": Reply(_transform(_drip), ("file", *JSON_ONLY)),
    "html": Reply(
        _transform(lambda *_: HTMLResponse("<html><body>Sorry</body></html>")), ("file", *JSON_ONLY)
    ),
    "foreign_status_url": Reply(_edit(lambda body, url: body.update(status_url=url)), ("submit",)),
    "foreign_picture_url": Reply(_edit(_foreign_picture), ("result",)),
}
