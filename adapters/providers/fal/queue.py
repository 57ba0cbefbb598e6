"""fal's queue protocol, wherever it is served: at fal itself, or behind a router.

A submit is sent once. Waiting holds on through every trouble that is not the job's own outcome, so what
`answer` raises is final for its handle; only a new submit can help after it. The caller bounds the time.
"""

import asyncio
import logging
import time
from collections.abc import Mapping
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError

from adapters.http import Reply
from adapters.providers import Handle, Picture
from adapters.providers.fal.failures import failure
from adapters.providers.fal.verdicts import Read, ResultVerdict, StatusVerdict, cancel_verdict, picture_link
from adapters.providers.pace import Experience, Pace, Sleep
from adapters.providers.pictures import Pictures
from adapters.providers.wire import Wire
from schema.errors import SENTENCES, ProviderRejected, SubmitUnclear

log = logging.getLogger(__name__)
T = TypeVar("T")

SHORTEST_LISTENING_S: Final = 10.0
"""A stream may be silent for ever, or be held up by something between; then its states are asked for."""
CANCEL_S: Final = 15.0
KNOWN_CANCEL_ANSWERS: Final = frozenset({"OK", "CANCELLATION_REQUESTED", "ALREADY_COMPLETED", "NOT_FOUND"})


class Begun(BaseModel):
    """What the queue says of a request it accepted."""

    request_id: str
    status_url: str
    response_url: str
    cancel_url: str


class Queue:
    def __init__(
        self, wire: Wire, pictures: Pictures, secret: str, sleep: Sleep, *, tells: bool = False
    ) -> None:
        """`tells` where it has a stream of each request's states besides."""
        self._wire = wire
        self._pictures = pictures
        self._secret = secret
        self._sleep = sleep
        self._tells = tells
        self._experience = Experience()

    async def submit(self, url: str, body: Mapping[str, Any], headers: Mapping[str, str]) -> Begun:
        reply = await self._wire.submit(url, json=body, headers=headers)
        if not reply.ok:
            raise failure(reply, self._secret)
        return self._begun(reply)

    async def picture(self, handle: Handle) -> Picture:
        link = await self.answer(handle, picture_link)
        data, content_type = await self._pictures.fetch(link)
        return Picture(data=data, content_type=content_type, seed=link.seed)

    async def answer(self, handle: Handle, read: Read[T]) -> T:
        completed = await self._told(handle) or await self._asked(handle)
        outcome = ResultVerdict(completed, self._secret, read)
        return await self._wire.ask_until("GET", handle.response_url, outcome)

    async def _told(self, handle: Handle) -> Reply | None:
        """Sooner than one who asks now and then, by one call instead of several."""
        if not self._tells:
            return None
        begun, patience_s = time.time(), max(SHORTEST_LISTENING_S, 1.5 * self._experience.usual_s)
        verdict = StatusVerdict(self._secret)
        completed = await self._wire.told(handle.status_url, "stream", verdict, patience_s)
        if completed and time.time() - begun > Pace.SHORTEST_S:  # else it may have been there long before
            self._experience.learn(time.time() - (handle.begun_at or begun))
        return completed

    async def _asked(self, handle: Handle) -> Reply:
        pace = await self._experience.first_look(self._sleep, handle.begun_at)
        completed = await self._wire.ask_until("GET", handle.status_url, StatusVerdict(self._secret), pace)
        self._experience.learn(pace.took_s)
        return completed

    async def cancel(self, handle: Handle) -> None:
        try:
            async with asyncio.timeout(CANCEL_S):
                answer = await self._wire.ask_until("PUT", handle.cancel_url, cancel_verdict)
        except (TimeoutError, ProviderRejected) as error:
            log.warning("request %s could not be cancelled: %s", handle.request_id, type(error).__name__)
            return
        level = logging.INFO if answer in KNOWN_CANCEL_ANSWERS else logging.WARNING
        log.log(level, "request %s asked to cancel: %.100s", handle.request_id, answer)

    def _begun(self, reply: Reply) -> Begun:
        """A 2xx without a usable handle has started something that nobody can wait for."""
        try:
            return Begun.model_validate(reply.parsed)
        except ValidationError as error:
            details = failure(reply, self._secret).details
            raise SubmitUnclear(SENTENCES[SubmitUnclear.code], details=details) from error
