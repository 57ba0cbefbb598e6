"""The command line as a client of our own API: one token, errors as they were meant."""

from typing import Any, Self

import httpx

from adapters.http import authorities
from cli.token import mint
from schema.errors import Conflict, InsufficientCredits, NotFound, PoseError, QuotaExceeded, Unavailable
from schema.errors import ValidationFailed as Invalid
from schema.settings import Settings

PREFIX = "/api/apps/pose-generator"
KNOWN: tuple[type[PoseError], ...] = (
    Conflict,
    InsufficientCredits,
    Invalid,
    NotFound,
    QuotaExceeded,
    Unavailable,
)


class Api:
    def __init__(self, settings: Settings, user: str) -> None:
        self.http = httpx.AsyncClient(
            base_url=settings.public_base_url + PREFIX,
            headers={"Authorization": f"Bearer {mint(settings, user)}"},
            timeout=httpx.Timeout(30),
            verify=authorities(),
        )

    async def get(self, path: str, **params: Any) -> Any:
        return answer(await self.http.get(path, params=params))

    async def post(self, path: str, body: dict[str, Any], **headers: str) -> Any:
        return answer(await self.http.post(path, json=body, headers=headers))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.http.aclose()


def answer(response: httpx.Response) -> Any:
    if response.is_success:
        return response.json()
    raise failure(response)


def failure(response: httpx.Response) -> PoseError:
    error = response.json()["error"]
    kind = next((kind for kind in KNOWN if kind.code == error["code"]), None)
    if kind is None:
        kind = type("ApiFailure", (PoseError,), {"code": error["code"], "status": response.status_code})
    return kind("\n  ".join([error["message"], *_lines(error.get("details"))]))


def _lines(details: Any) -> list[str]:
    if isinstance(details, dict):
        return [f"{name}: {value}" for name, value in details.items()]
    return [str(detail) for detail in details or ()]
