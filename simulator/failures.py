"""How a job fails, in fal's two shapes: a model's list of typed errors, or a gateway's one sentence."""

import json
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from starlette.responses import JSONResponse

DOCS = "https://docs.fal.ai/errors"


@dataclass(frozen=True)
class Failure:
    status: int
    error_type: str
    message: str
    gateway: bool = False
    retryable: bool = False
    shown_in_status: bool = True
    loc: tuple[str | int, ...] = ("body",)
    errors: tuple[dict[str, Any], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    exception: str = "RuntimeError"
    """What a ComfyUI says was raised."""

    def response(self, request_id: str) -> JSONResponse:
        headers = {
            "X-Fal-Error-Type": self.error_type,
            "X-Fal-Retryable": str(self.retryable).lower(),
            **dict(self.headers),
        }
        if not self.gateway:  # the gateway answers in the app's stead, so the app's own id is missing
            headers["x-fal-request-id"] = request_id
        return JSONResponse(self.body(), self.status, headers)

    def body(self) -> dict[str, Any]:
        if self.gateway:
            return {"detail": self.message, "error_type": self.error_type}
        return {"detail": list(self.errors) or [self._error()]}

    def _error(self) -> dict[str, Any]:
        return {
            "loc": list(self.loc),
            "msg": self.message,
            "type": self.error_type,
            "url": f"{DOCS}#{self.error_type}",
        }


CANCELLED = Failure(499, "client_cancelled", "Request was cancelled", gateway=True)
BROKEN = Failure(500, "internal_error", "The simulator broke; see its log", gateway=True)
NOT_STARTED = Failure(
    504,
    "request_timeout",
    "Request timed out",
    gateway=True,
    headers=(("X-Fal-Request-Timeout-Type", "user"),),
)


def invalid(error: ValidationError) -> Failure:
    """Pydantic's errors are already in fal's shape; only the place is told from the body down."""
    errors = [{**one, "loc": ["body", *one["loc"]]} for one in json.loads(error.json())]
    return Failure(422, "value_error", "Validation error", errors=tuple(errors))
