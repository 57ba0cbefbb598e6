"""FLUX.1-dev with a pose map on a ComfyUI server of one's own.

Every run has an id that follows from the picture's key, and the server is asked for it first: a submit whose
answer was lost, or whose worker died, is found again instead of being run twice.
"""

import asyncio
import hashlib
import logging
import time
from typing import Any, Final

import httpx

from adapters.providers import Capabilities, Handle, Picture, PictureRequest
from adapters.providers.comfyui import checkup, graph
from adapters.providers.comfyui.failures import failed
from adapters.providers.comfyui.runs import Runs, succeeded
from adapters.providers.comfyui.server import Server
from adapters.providers.hosts import Hosts
from adapters.providers.pace import Experience, Sleep
from adapters.providers.pictures import PictureLink, Pictures
from adapters.providers.wire import Wire, open_client
from imaging import openpose
from imaging.png import without_texts
from schema.errors import SENTENCES, ItemError, ProviderRejected
from schema.settings import Settings

log = logging.getLogger(__name__)

CANCEL_S: Final = 15.0


class ComfyProvider:
    name = "comfyui"
    capabilities = Capabilities(pose_map=True, negative_prompt=False, cancel=True, resumable=True)

    def __init__(
        self,
        settings: Settings,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._settings = settings
        self._sleep = sleep
        self._experience = Experience()
        self._graph = graph.load(settings.comfyui_graph)
        self.model = self._graph.model
        hosts = Hosts(settings.comfyui_url, "COMFYUI_URL", plain_http=settings.comfyui_allow_http)
        key = settings.comfyui_api_key.get_secret_value() if settings.comfyui_api_key else ""
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._client = open_client(hosts, settings.flux_concurrency, transport)
        self._server = Server(Wire(self._client, hosts, headers, sleep), settings.comfyui_url, key)
        self._runs = Runs(self._server, sleep)
        self._pictures = Pictures(self._client, hosts, sleep, headers)

    async def submit(self, request: PictureRequest) -> Handle:
        prompt_id, known = await self._runs.next_of(request.key)
        if known:
            return Handle(provider=self.name, request_id=prompt_id)
        await self._server.run(prompt_id, self._graph.filled(await self._values(request)))
        return Handle(provider=self.name, request_id=prompt_id, begun_at=time.time())

    async def wait(self, handle: Handle) -> Picture:
        pace = await self._experience.first_look(self._sleep, handle.begun_at)
        entry = await self._runs.finished(handle.request_id, pace)
        if not succeeded(entry):
            raise failed(entry)
        self._experience.learn(pace.took_s)
        link = PictureLink(self._server.view_url(self._image(entry)), "image/png", seed=None)
        data, content_type = await self._pictures.fetch(link)
        return Picture(data=without_texts(data), content_type=content_type, seed=None)

    async def cancel(self, handle: Handle) -> None:
        try:
            async with asyncio.timeout(CANCEL_S):
                await self._runs.remove(handle.request_id)
        except (TimeoutError, ItemError) as error:
            log.warning("run %s could not be cancelled: %s", handle.request_id, type(error).__name__)

    async def check(self) -> str:
        return await checkup.check(self._server, self._graph)

    async def close(self) -> None:
        await self._client.aclose()

    async def _values(self, request: PictureRequest) -> dict[str, Any]:
        """Without a map the net sees nobody, and counts for nothing."""
        seen = request.pose_map
        guided = seen is not None
        if seen is None:
            seen = await asyncio.to_thread(nobody, request.width, request.height)
        name = await self._server.upload(f"{hashlib.sha256(seen).hexdigest()}.png", seen)
        return {
            **dict.fromkeys(("text", "clip_l", "t5xxl"), request.prompt),
            **dict.fromkeys(("seed", "noise_seed"), request.seed),
            "width": request.width,
            "height": request.height,
            "image": name,
            "strength": self._settings.controlnet_scale if guided else 0.0,
            "end_percent": self._settings.controlnet_end,
        }

    def _image(self, entry: dict[str, Any]) -> dict[str, Any]:
        outputs = entry.get("outputs")
        output = outputs.get(self._graph.places["picture"]) if isinstance(outputs, dict) else None
        match output:
            case {"images": [dict(image), *_]}:
                return image
        details = {"reason": "the node titled 'posegen: picture' put out no picture"}
        raise ProviderRejected(SENTENCES[ProviderRejected.code], details=details)


def nobody(width: int, height: int) -> bytes:
    return openpose.draw_map((None,) * 18, width, height)
