"""FLUX.1-dev with a pose map at fal."""

import uuid

import httpx

from adapters.providers import Capabilities, Handle, Picture, PictureRequest
from adapters.providers.fal.failures import failure
from adapters.providers.fal.request import submit_body
from adapters.providers.fal.service import FalService
from schema.settings import Settings


class FalProvider(FalService):
    capabilities = Capabilities(
        pose_map=True, negative_prompt=True, cancel=True, resumable=True, reference_image=True
    )

    @staticmethod
    def _model_of(settings: Settings) -> str:
        return settings.fal_model

    async def submit(self, request: PictureRequest) -> Handle:
        return await self._begin(submit_body(request, self._settings))

    async def wait(self, handle: Handle) -> Picture:
        return await self._queue.picture(handle)

    async def check(self) -> str:
        """The status of a request that nobody made: a good key is told that there is none."""
        owner_and_app = "/".join(self.model.strip("/").split("/")[:2])
        unknown = f"{self._url(owner_and_app)}/requests/{uuid.UUID(int=0)}/status"
        reply = await self._wire.look(unknown)
        if reply.status != httpx.codes.NOT_FOUND and not reply.ok:
            raise failure(reply, self._key)
        return f"{self._settings.fal_queue_url} accepts the key"
