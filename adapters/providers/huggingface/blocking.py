"""Routes on which one call is the whole picture: nothing to resume, nothing to cancel.

When no answer comes, nobody can know whether the picture was made and billed: SubmitUnclear.
"""

from typing import Any

from adapters.http import Reply
from adapters.providers import Capabilities, Handle, Picture, PictureRequest
from adapters.providers.fal.failures import failure
from adapters.providers.fal.request import plain_body
from adapters.providers.fal.verdicts import picture_of
from adapters.providers.huggingface.router import Router
from adapters.providers.pictures import MAX_PICTURE_BYTES, Pictures
from adapters.providers.refusal import refused
from schema.errors import SENTENCES, SubmitUnclear
from schema.settings import Settings


class Blocking(Router):
    capabilities = Capabilities(pose_map=False, negative_prompt=False, cancel=False, resumable=False)

    async def wait(self, handle: Handle) -> Picture:
        """A handle can only be of the route that was set before."""
        details = {"request_id": handle.request_id, "reason": "begun on another route"}
        raise SubmitUnclear(SENTENCES[SubmitUnclear.code], details=details)

    async def cancel(self, handle: Handle) -> None:
        """Closing the connection is all there is, and was done."""

    async def _called(self, path: str, body: dict[str, Any], **more: Any) -> Reply:
        return await self._wire.submit(self._url(path), self._settings.flux_call_timeout_s, json=body, **more)


class InferenceRoute(Blocking):
    """Hugging Face's own machines: parameters in, the picture's bytes out."""

    service = "hf-inference"

    def model_in(self, settings: Settings) -> str:
        return settings.huggingface_model

    async def submit(self, request: PictureRequest) -> Picture:
        parameters = {"width": request.width, "height": request.height, "seed": request.seed}
        reply = await self._called(
            f"hf-inference/models/{self.model}",
            {"inputs": request.prompt, "parameters": parameters},
            headers={"Accept": "image/png"},
            limit_bytes=MAX_PICTURE_BYTES,
        )
        if not reply.ok:
            raise refused(reply, self._key)
        content_type = reply.headers.get("content-type", "application/octet-stream")
        return Picture(data=reply.content, content_type=content_type, seed=None)


class FalRoute(Blocking):
    """fal behind the router, in the form that answers with the result; the picture is at fal's CDN."""

    async def submit(self, request: PictureRequest) -> Picture:
        reply = await self._called(f"fal-ai/{self.model}", plain_body(request))
        if not reply.ok:
            raise failure(reply, self._key)
        link = picture_of(reply, self._key)
        data, content_type = await Pictures(self._client, self._hosts, self._sleep).fetch(link)
        return Picture(data=data, content_type=content_type, seed=link.seed)
