"""fal's queue behind the router: begun requests can be resumed, so nothing is paid for twice.

The queue names URLs at fal, where a Hugging Face key is worth nothing: the router is asked for their paths.
"""

import asyncio
import time
from typing import Final

import httpx

from adapters.providers import Capabilities, Handle, Picture, PictureRequest
from adapters.providers.fal.queue import Queue
from adapters.providers.fal.request import plain_body, submit_headers
from adapters.providers.huggingface.router import Router
from adapters.providers.pace import Sleep
from adapters.providers.pictures import Pictures
from schema.errors import SENTENCES, SubmitUnclear
from schema.settings import Settings

QUEUE: Final = "_subdomain=queue"


class FalQueueRoute(Router):
    capabilities = Capabilities(pose_map=False, negative_prompt=False, cancel=True, resumable=True)

    def __init__(
        self,
        settings: Settings,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        super().__init__(settings, transport=transport, sleep=sleep)
        pictures = Pictures(self._client, self._hosts, sleep)
        self._queue = Queue(self._wire, pictures, self._key, sleep)

    async def submit(self, request: PictureRequest) -> Handle:
        url = self._url(f"fal-ai/{self.model}?{QUEUE}")
        begun = await self._queue.submit(url, plain_body(request), submit_headers(self._settings))
        return Handle(
            provider=self.name,
            request_id=begun.request_id,
            begun_at=time.time(),
            status_url=self._at_the_router(begun.status_url),
            response_url=self._at_the_router(begun.response_url),
            cancel_url=self._at_the_router(begun.cancel_url),
        )

    async def wait(self, handle: Handle) -> Picture:
        return await self._queue.picture(handle)

    async def cancel(self, handle: Handle) -> None:
        await self._queue.cancel(handle)

    def _at_the_router(self, url: str) -> str:
        try:
            path = httpx.URL(url).path
        except httpx.InvalidURL as error:
            raise SubmitUnclear(SENTENCES[SubmitUnclear.code], details={"reason": "no URL"}) from error
        return self._url(f"fal-ai{path}?{QUEUE}")
