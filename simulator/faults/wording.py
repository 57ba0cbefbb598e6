"""How each protocol words the same refusal."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.responses import JSONResponse, Response


@dataclass(frozen=True)
class Refusal:
    status: int
    message: str
    wait_s: float | None = None
    """When the client may come again."""
    loading_s: float | None = None
    """When the model will be there."""


Wording = Callable[[Refusal], Response]


class Refused(Exception):
    """Raised where a request ends in the middle of a route; the app sends the response."""

    def __init__(self, response: Response) -> None:
        super().__init__()
        self.response = response


INVALID = 422


def detail(refusal: Refusal) -> Response:
    """As FastAPI and fal do."""
    said: Any = refusal.message
    if refusal.status == INVALID:
        said = [{"loc": ["body"], "msg": refusal.message, "type": "value_error"}]
    body = {"detail": said}
    if refusal.loading_s is not None:
        body["estimated_time"] = refusal.loading_s
    headers = {} if refusal.wait_s is None else {"Retry-After": f"{refusal.wait_s:g}"}
    return JSONResponse(body, refusal.status, headers)
