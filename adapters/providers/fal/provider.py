"""FLUX.1-dev with a pose map over fal's queue: submit, wait, cancel.

A submit is sent once. Waiting holds on through every trouble that is not the job's own outcome, so what
`wait` raises is final for its handle; only a new submit can help after it. The caller bounds the time.
"""

import asyncio
import logging
from typing import Any, Final

import httpx
from pydantic import BaseModel, ValidationError

from adapters.http import NEVER_SENT, Reply
from adapters.providers import Capabilities, Handle, Picture, PictureRequest
from adapters.providers.fal.failures import failure
from adapters.providers.fal.hosts import Hosts
from adapters.providers.fal.pictures import Pictures
from adapters.providers.fal.queue import CONNECT_S, NO_ANSWER, Experience, Pace, Queue, Sleep
from adapters.providers.fal.request import submit_body, submit_headers
from adapters.providers.fal.verdicts import ResultVerdict, StatusVerdict, cancel_verdict
from schema.errors import SENTENCES, ProviderRejected, ProviderUnavailable, SubmitUnclear
from schema.settings import Settings

log = logging.getLogger(__name__)

CANCEL_S: Final = 15.0
DOWNLOAD_PAUSE_S: Final = 20.0
"""The longest silence inside a download; queue calls are bounded as a whole."""

KNOWN_CANCEL_ANSWERS: Final = frozenset({"OK", "CANCELLATION_REQUESTED", "ALREADY_COMPLETED", "NOT_FOUND"})


class _Begun(BaseModel):
    request_id: str
    status_url: str
    response_url: str
    cancel_url: str


class FalProvider:
    name = "fal"
    capabilities = Capabilities(
        pose_map=True, negative_prompt=True, cancel=True, resumable=True, reference_image=True
    )

    def __init__(
        self,
        settings: Settings,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self.model = settings.fal_model
        self._settings = settings
        self._hosts = Hosts(settings)
        self._key = _key(settings, self._hosts)
        self._client = _client(settings, self._hosts, transport)
        self._sleep = sleep
        self._experience = Experience()
        self._queue = Queue(self._client, self._hosts, self._key, sleep)
        self._pictures = Pictures(self._client, self._hosts, sleep)

    async def submit(self, request: PictureRequest) -> Handle:
        url = f"{self._settings.fal_queue_url.rstrip('/')}/{self.model.strip('/')}"
        body, headers = submit_body(request, self._settings), submit_headers(self._settings)
        try:
            reply = await self._queue.submit(url, body, headers)
        except NEVER_SENT as error:
            raise ProviderUnavailable(SENTENCES[ProviderUnavailable.code], details=_trouble(error)) from error
        except NO_ANSWER as error:
            raise SubmitUnclear(SENTENCES[SubmitUnclear.code], details=_trouble(error)) from error
        if not reply.ok:
            raise failure(reply, self._key)
        return self._handle(reply)

    async def wait(self, handle: Handle) -> Picture:
        pace = Pace(self._sleep, self._experience.usual_s)
        verdict = StatusVerdict(self._key)
        completed = await self._queue.ask_until("GET", handle.status_url, verdict, pace)
        self._experience.learn(pace.waited_s)
        link = await self._queue.ask_until("GET", handle.response_url, ResultVerdict(completed, self._key))
        data, content_type = await self._pictures.fetch(link)
        return Picture(data=data, content_type=content_type, seed=link.seed)

    async def cancel(self, handle: Handle) -> None:
        try:
            async with asyncio.timeout(CANCEL_S):
                answer = await self._queue.ask_until("PUT", handle.cancel_url, cancel_verdict)
        except (TimeoutError, ProviderRejected) as error:
            log.warning("fal request %s could not be cancelled: %s", handle.request_id, type(error).__name__)
            return
        level = logging.INFO if answer in KNOWN_CANCEL_ANSWERS else logging.WARNING
        log.log(level, "fal request %s asked to cancel: %.100s", handle.request_id, answer)

    async def close(self) -> None:
        await self._client.aclose()

    def _handle(self, reply: Reply) -> Handle:
        """A 2xx without a usable handle has started something that nobody can wait for."""
        try:
            begun = _Begun.model_validate(reply.parsed)
        except ValidationError as error:
            details = failure(reply, self._key).details
            raise SubmitUnclear(SENTENCES[SubmitUnclear.code], details=details) from error
        for url in (begun.status_url, begun.response_url, begun.cancel_url):
            self._hosts.checked(url)
        return Handle(provider=self.name, **begun.model_dump())


def _key(settings: Settings, hosts: Hosts) -> str:
    key = settings.fal_key.get_secret_value().strip() if settings.fal_key else ""
    if not key and not hosts.local:
        raise ValueError("FAL_KEY is not set; only a simulator on this machine works without a key")
    if not (key.isascii() and key.isprintable()):
        raise ValueError("FAL_KEY contains characters that no key has; copy it again")
    return key


def _client(
    settings: Settings, hosts: Hosts, transport: httpx.AsyncBaseTransport | None
) -> httpx.AsyncClient:
    """A connection for every call at once, and as many again for cancels; a simulator needs no proxy."""
    calls = settings.flux_concurrency
    return httpx.AsyncClient(
        transport=transport,
        timeout=httpx.Timeout(DOWNLOAD_PAUSE_S, connect=CONNECT_S, pool=CONNECT_S),
        limits=httpx.Limits(max_connections=2 * calls, max_keepalive_connections=2 * calls),
        follow_redirects=False,
        trust_env=not hosts.local,
        headers={"User-Agent": "posegen"},
    )


def _trouble(error: Exception) -> dict[str, Any]:
    """The name only: a transport's text may quote the headers it choked on."""
    return {"error": type(error).__name__}
