"""FLUX.1-dev with a pose map at fal."""

import asyncio

import httpx

from adapters.providers import Capabilities, Handle, Picture, PictureRequest
from adapters.providers.fal.pictures import Pictures
from adapters.providers.fal.queue import Queue
from adapters.providers.fal.request import submit_body, submit_headers
from adapters.providers.hosts import Hosts
from adapters.providers.pace import Sleep
from adapters.providers.wire import Wire, key_of, open_client
from schema.settings import Settings


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
        self._hosts = Hosts(settings.fal_queue_url, "FAL_QUEUE_URL", settings.fal_allowed_hosts)
        key = key_of(settings.fal_key, "FAL_KEY", self._hosts)
        self._client = open_client(self._hosts, settings.flux_concurrency, transport)
        headers = {"Accept": "application/json"} | ({"Authorization": f"Key {key}"} if key else {})
        wire = Wire(self._client, self._hosts, headers, sleep)
        self._queue = Queue(wire, Pictures(self._client, self._hosts, sleep), key, sleep)

    async def submit(self, request: PictureRequest) -> Handle:
        url = f"{self._settings.fal_queue_url.rstrip('/')}/{self.model.strip('/')}"
        body, headers = submit_body(request, self._settings), submit_headers(self._settings)
        begun = await self._queue.submit(url, body, headers)
        for returned in (begun.status_url, begun.response_url, begun.cancel_url):
            self._hosts.checked(returned)
        return Handle(provider=self.name, **begun.model_dump())

    async def wait(self, handle: Handle) -> Picture:
        return await self._queue.wait(handle)

    async def cancel(self, handle: Handle) -> None:
        await self._queue.cancel(handle)

    async def close(self) -> None:
        await self._client.aclose()
