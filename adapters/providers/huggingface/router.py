"""What all routes through Hugging Face's router have in common: the key, the hosts, the bill, the checkup."""

import asyncio

import httpx

from adapters.providers.hosts import Hosts
from adapters.providers.huggingface import hub
from adapters.providers.pace import Sleep
from adapters.providers.wire import Wire, key_of, open_client
from schema.settings import Settings


class Router:
    name = "huggingface"
    service = "fal-ai"
    """Whose machines the route leads to, in Hugging Face's words."""

    def __init__(
        self,
        settings: Settings,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._settings = settings
        self.model = self.model_in(settings)
        self._sleep = sleep
        self._hosts = Hosts(settings.huggingface_url, "HUGGINGFACE_URL", settings.fal_allowed_hosts)
        self._key = key_of(settings.huggingface_api_key, "HUGGINGFACE_API_KEY", self._hosts)
        self._client = open_client(self._hosts, settings.flux_concurrency, transport)
        self._wire = Wire(self._client, self._hosts, self._headers(), sleep)

    def model_in(self, settings: Settings) -> str:
        """The model as the service calls it."""
        return settings.huggingface_fal_model

    async def close(self) -> None:
        await self._client.aclose()

    async def check(self) -> str:
        settings = self._settings
        hosts = Hosts(settings.huggingface_hub_url, "HUGGINGFACE_HUB_URL")
        wire = Wire(self._client, hosts, self._headers(), self._sleep)
        return await hub.check(
            wire, settings.huggingface_hub_url, self._key, settings.huggingface_model, self.service
        )

    def _url(self, path: str) -> str:
        return f"{self._settings.huggingface_url.rstrip('/')}/{path.lstrip('/')}"

    def _headers(self) -> dict[str, str]:
        given = {
            "Authorization": f"Bearer {self._key}" if self._key else None,
            "X-HF-Bill-To": self._settings.huggingface_bill_to,
        }
        return {name: value for name, value in given.items() if value}
