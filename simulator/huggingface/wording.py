"""Hugging Face's refusals: an `error`, and limits told as the RateLimit header."""

import math
from typing import Any

from starlette.responses import JSONResponse, Response

from simulator.faults.wording import INVALID, Refusal

WINDOW_S = 300
LIMIT = 500


def error(refusal: Refusal) -> Response:
    said: Any = (
        [f"Error in `parameters`: {refusal.message}"] if refusal.status == INVALID else refusal.message
    )
    body: dict[str, Any] = {"error": said}
    if refusal.loading_s is not None:
        body["estimated_time"] = refusal.loading_s
    return JSONResponse(body, refusal.status, _headers(refusal))


def _headers(refusal: Refusal) -> dict[str, str]:
    headers = {"X-Error-Message": refusal.message}
    if refusal.wait_s is not None:
        headers["RateLimit"] = f'"api";r=0;t={math.ceil(refusal.wait_s)}'
        headers["RateLimit-Policy"] = f'"fixed window";"api";q={LIMIT};w={WINDOW_S}'
    return headers
