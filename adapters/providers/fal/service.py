"""A model at fal: what it is asked, and that it is asked once, by the queue's protocol."""

import asyncio
import time
from abc import ABC, abstractmethod
from typing import Any

import httpx

from adapters.providers import Handle
from adapters.providers.fal.queue import Queue
from adapters.providers.fal.request import submit_headers
from adapters.providers.hosts import Hosts
from adapters.providers.pace import Sleep
from adapters.providers.pictures import Pictures
from adapters.providers.wire import Wire, key_of, open_client
from schema.settings import Settings


class FalService(ABC):
    name = "fal"

    def __init__(
        self,
        settings: Settings,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self.model = self._model_of(settings)
        self._settings = settings
        self._hosts = Hosts(settings.fal_queue_url, "FAL_QUEUE_URL", settings.fal_allowed_hosts)
        self._key = key = key_of(settings.fal_key, "FAL_KEY", self._hosts)
        self._client = open_client(self._hosts, settings.flux_concurrency, transport)
        headers = {"Accept": "application/json"} | ({"Authorization": f"Key {key}"} if key else {})
        self._wire = Wire(self._client, self._hosts, headers, sleep)
        pictures = Pictures(self._client, self._hosts, sleep)
        self._queue = Queue(self._wire, pictures, key, sleep, tells=True)

    @staticmethod
    @abstractmethod
    def _model_of(settings: Settings) -> str: ...

    async def cancel(self, handle: Handle) -> None:
        await self._queue.cancel(handle)

    async def close(self) -> None:
        await self._client.aclose()

    async def _begin(self, body: dict[str, Any]) -> Handle:
        begun = await self._queue.submit(self._url(self.model), body, submit_headers(self._settings))
        for returned in (begun.status_url, begun.response_url, begun.cancel_url):
            self._hosts.checked(returned)
        return Handle(provider=self.name, begun_at=time.time(), **begun.model_dump())

    def _url(self, path: str) -> str:
        return f"{self._settings.fal_queue_url.rstrip('/')}/{path.strip('/')}"
