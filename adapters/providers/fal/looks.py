"""What fal is asked about a finished picture: to cut its figure out, and whether it may be shown."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from adapters.providers import Capabilities, Handle, Picture, ShownPicture
from adapters.providers.fal.request import data_uri
from adapters.providers.fal.service import FalService
from schema.errors import SENTENCES, InappropriatePrompt, OutputModerated
from schema.settings import Settings

ABLE: Final = Capabilities(pose_map=False, negative_prompt=False, cancel=True, resumable=True)
WEIGHTS: Final = "General Use (Heavy)"
"""People with whatever they hold and sit on; the endpoint's others are for speed or for heads."""


class FalMatting(FalService):
    """By BiRefNet: the picture comes back with nothing where the figure is not."""

    capabilities = ABLE

    @staticmethod
    def _model_of(settings: Settings) -> str:
        return settings.fal_matting_model

    async def submit(self, request: ShownPicture) -> Handle:
        """Only its shares are used: the colours of the edges are worked out here, from the picture itself."""
        return await self._begin(
            {
                "image_url": data_uri(request.media_type, request.data),
                "model": WEIGHTS,
                "operating_resolution": "1024x1024",
                "output_format": "png",
                "refine_foreground": False,
            }
        )

    async def wait(self, handle: Handle) -> Picture:
        with _about_the_picture():
            return await self._queue.picture(handle)


class FalCheck(FalService):
    """How probably a picture should not be shown."""

    capabilities = ABLE

    @staticmethod
    def _model_of(settings: Settings) -> str:
        return settings.fal_check_model

    async def submit(self, request: ShownPicture) -> Handle:
        return await self._begin({"image_url": data_uri(request.media_type, request.data)})

    async def wait(self, handle: Handle) -> float:
        with _about_the_picture():
            return await self._queue.answer(handle, _probability)


def _probability(result: dict[str, Any]) -> float | None:
    said = result.get("nsfw_probability")
    known = isinstance(said, int | float) and not isinstance(said, bool) and 0 <= said <= 1
    return float(said or 0) if known else None


@contextmanager
def _about_the_picture() -> Iterator[None]:
    """No prompt was sent, so what the service found improper is the picture."""
    try:
        yield
    except InappropriatePrompt as error:
        raise OutputModerated(SENTENCES[OutputModerated.code], details=error.details) from error
