"""Figures cut out at fal, by BiRefNet: the picture comes back with nothing where the figure is not."""

import asyncio
from typing import Final

import httpx

from adapters.providers import Capabilities, Handle, MatteRequest
from adapters.providers.fal.request import data_uri
from adapters.providers.fal.service import FalService
from adapters.providers.pace import Sleep
from schema.settings import Settings

WEIGHTS: Final = "General Use (Heavy)"
"""People with whatever they hold and sit on; the endpoint's others are for speed or for heads."""


class FalMatting(FalService):
    capabilities = Capabilities(pose_map=False, negative_prompt=False, cancel=True, resumable=True)

    def __init__(
        self,
        settings: Settings,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        super().__init__(settings, settings.fal_matting_model, transport=transport, sleep=sleep)

    async def submit(self, request: MatteRequest) -> Handle:
        """Only its shares are used: the colours of the edges are worked out here, from the picture itself."""
        return await self._begin(
            {
                "image_url": data_uri(request.media_type, request.picture),
                "model": WEIGHTS,
                "operating_resolution": "1024x1024",
                "output_format": "png",
                "refine_foreground": False,
            }
        )
