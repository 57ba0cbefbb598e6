"""FLUX.1-dev with a pose map at fal."""

import asyncio
import uuid

import httpx

from adapters.providers import Capabilities, Handle, Picture, PictureRequest
from adapters.providers.fal.failures import failure
from adapters.providers.fal.queue import Queue
from adapters.providers.fal.request import submit_body, submit_headers
from adapters.providers.hosts import Hosts
from adapters.providers.pace import Sleep
from adapters.providers.pictures import Pictures
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
        self._key = key = key_of(settings.fal_key, "FAL_KEY", self._hosts)
        self._client = open_client(self._hosts, settings.flux_concurrency, transport)
        headers = {"Accept": "application/json"} | ({"Authorization": f"Key {key}"} if key else {})
        self._wire = Wire(self._client, self._hosts, headers, sleep)
        self._queue = Queue(self._wire, Pictures(self._client, self._hosts, sleep), key, sleep)

    async def submit(self, request: PictureRequest) -> Handle:
        url = self._url(self.model)
        body, headers = submit_body(request, self._settings), submit_headers(self._settings)
        begun = await self._queue.submit(url, body, headers)
        for returned in (begun.status_url, begun.response_url, begun.cancel_url):
            self._hosts.checked(returned)
        return Handle(provider=self.name, **begun.model_dump())

    async def wait(self, handle: Handle) -> Picture:
        return await self._queue.wait(handle)

    async def cancel(self, handle: Handle) -> None:
        await self._queue.cancel(handle)

    async def check(self) -> str:
        """The status of a request that nobody made: a good key is told that there is none."""
        owner_and_app = "/".join(self.model.strip("/").split("/")[:2])
        unknown = f"{self._url(owner_and_app)}/requests/{uuid.UUID(int=0)}/status"
        reply = await self._wire.look(unknown)
        if reply.status != httpx.codes.NOT_FOUND and not reply.ok:
            raise failure(reply, self._key)
        return f"{self._settings.fal_queue_url} accepts the key"

    def _url(self, path: str) -> str:
        return f"{self._settings.fal_queue_url.rstrip('/')}/{path.strip('/')}"

    async def close(self) -> None:
        await self._client.aclose()
