"""A fal that answers by script: each call has a list of answers, the last of which repeats."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import httpx
from pydantic import SecretStr

from adapters.providers import Handle, PictureRequest
from adapters.providers.fal import FalCheck, FalMatting, FalProvider
from schema.settings import Settings

KEY = "0f1e2d3c-key-id:5a4b3c2d-secret"
QUEUE = "https://queue.fal.run"
REQUEST_URL = f"{QUEUE}/fal-ai/flux-general/requests/r-1"
PICTURE_URL = "https://v3.fal.media/files/penguin/picture.png"
PICTURE = b"\x89PNG picture bytes"
HANDLE = Handle(
    provider="fal",
    request_id="r-1",
    status_url=f"{REQUEST_URL}/status",
    response_url=REQUEST_URL,
    cancel_url=f"{REQUEST_URL}/cancel",
)
REQUEST = PictureRequest(
    prompt="a woman waving",
    negative_prompt="blurry",
    seed=77,
    width=1024,
    height=768,
    pose_map=b"\x89PNG map",
    key="item-77",
)
RESULT = {
    "images": [{"url": PICTURE_URL, "width": 1024, "height": 768, "content_type": "image/png"}],
    "seed": 77,
    "has_nsfw_concepts": [False],
}

Answer = Callable[[], httpx.Response]


def reply(status: int = 200, body: Any = None, headers: dict[str, str] | None = None) -> Answer:
    if isinstance(body, bytes):
        return lambda: httpx.Response(status, content=body, headers=headers)
    return lambda: httpx.Response(status, json=body, headers=headers)


def breaks(error: type[httpx.TransportError]) -> Answer:
    def raise_it() -> httpx.Response:
        raise error("broken by the script")

    return raise_it


STREAM_URL = f"{HANDLE.status_url}/stream"
SUBMITTED = reply(200, HANDLE.model_dump() | {"status": "IN_QUEUE", "queue_position": 0})
IN_PROGRESS = reply(202, {"status": "IN_PROGRESS"})
COMPLETED = reply(200, {"status": "COMPLETED"})


def told(*events: dict[str, Any], body: bytes = b"") -> Answer:
    """A stream of events, and what else is in it."""
    said = b"".join(b"data: %s\n\n" % json.dumps(event).encode() for event in events)
    return reply(200, said + body, {"content-type": "text/event-stream"})


async def begun(provider: FalProvider | FalMatting | FalCheck, request: Any) -> Handle:
    """Without its time, which is another in each run."""
    return (await provider.submit(request)).model_copy(update={"begun_at": None})


class FalScript:
    def __init__(self, **answers: list[Answer]) -> None:
        self.answers: dict[str, list[Answer]] = {
            "submit": [SUBMITTED],
            "stream": [reply(404, {"detail": "Not found"})],
            "status": [COMPLETED],
            "result": [reply(200, RESULT)],
            "cancel": [reply(202, {"status": "CANCELLATION_REQUESTED"})],
            "picture": [reply(200, PICTURE, {"content-type": "image/png"})],
        } | answers
        self.requests: list[httpx.Request] = []
        self.sleeps_s: list[float] = []

    def provider(self, **settings: Any) -> FalProvider:
        return FalProvider(_settings(settings), transport=self._transport, sleep=self._sleep)

    def matting(self, **settings: Any) -> FalMatting:
        return FalMatting(_settings(settings), transport=self._transport, sleep=self._sleep)

    def check(self, **settings: Any) -> FalCheck:
        return FalCheck(_settings(settings), transport=self._transport, sleep=self._sleep)

    def calls(self, step: str) -> list[httpx.Request]:
        return [request for request in self.requests if _step(request) == step]

    @property
    def _transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self._answer)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answers = self.answers[_step(request)]
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        return answer()

    async def _sleep(self, delay_s: float) -> None:
        self.sleeps_s.append(delay_s)
        await asyncio.sleep(0)


def _settings(values: dict[str, Any]) -> Settings:
    return Settings(**{"fal_key": SecretStr(KEY)} | values)


def _step(request: httpx.Request) -> str:
    if request.method == "POST":
        return "submit"
    if request.method == "PUT":
        return "cancel"
    if "requests" not in request.url.path:
        return "picture"
    last = request.url.path.rsplit("/", 1)[-1]
    return last if last in {"status", "stream"} else "result"
