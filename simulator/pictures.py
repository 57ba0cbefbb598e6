"""From what was asked to a picture's bytes: the same map, prompt and seed always give the same picture.

Drawn in threads, a few at a time, and kept a while; what was dropped is drawn again when asked for.
"""

import asyncio
import io
import zlib
from collections import OrderedDict
from dataclasses import dataclass, replace

from PIL import Image

from imaging import mannequin
from imaging.dress import Dress, seen_on
from schema.pose import Keypoints
from simulator import asked_pose, scenes
from simulator.drawn import Drawn, MediaType, Spoil, render
from simulator.inputs import InputError, fetch
from simulator.looks import Look, Seen, looked
from simulator.read_map import read_map
from simulator.settings import SimulatorSettings

REFERENCE = "reference_image_url"


@dataclass(frozen=True)
class Order:
    """What any protocol asks for; `control_url` is an OpenPose map as http(s) or data URI."""

    prompt: str
    seed: int
    width: int
    height: int
    media_type: MediaType
    pictures: int = 1
    inline: bool = False
    control_url: str | None = None
    reference_url: str | None = None
    """A picture of who is to be seen, in the same ways."""


@dataclass(frozen=True)
class Drawing:
    """Everything a picture depends on."""

    keypoints: Keypoints | None
    """None for a place without people, drawn after the prompt."""
    prompt: str
    width: int
    height: int
    seed: int
    media_type: MediaType
    from_map: bool
    dress: Dress | None = None
    """What whoever is on the reference picture wears."""

    def variation(self, index: int) -> "Drawing":
        return replace(self, seed=self.seed + index)

    def draw(self) -> Image.Image:
        size = self.width, self.height
        if self.keypoints is None:
            return scenes.draw(self.prompt, *size, self.seed)
        return mannequin.draw(self.keypoints, *size, seed=self.seed, dress=self.dress)


class Pictures:
    def __init__(self, settings: SimulatorSettings) -> None:
        self._kept: OrderedDict[tuple[Drawn, Spoil | None], bytes] = OrderedDict()
        self._settings = settings
        self._renderers = asyncio.Semaphore(settings.render_threads)

    async def prepare(self, order: Order | Look) -> Drawing | Seen:
        return await (self._drawing(order) if isinstance(order, Order) else looked(order))

    async def _drawing(self, order: Order) -> Drawing:
        seen = await self._keypoints(order.control_url) if order.control_url else None
        keypoints = seen
        if keypoints is None and not scenes.is_asked(order.prompt):
            keypoints = await asyncio.to_thread(asked_pose.choose, order.prompt)
        seed = (order.seed ^ zlib.crc32(order.prompt.encode())) & 0xFFFFFFFF
        return Drawing(
            keypoints,
            "" if keypoints else order.prompt,
            order.width,
            order.height,
            seed % self._settings.variants if self._settings.variants else seed,
            order.media_type,
            from_map=seen is not None,
            dress=await self._dress(order.reference_url) if order.reference_url and keypoints else None,
        )

    async def render(self, drawing: Drawn, spoil: Spoil | None = None) -> bytes:
        key = (drawing, spoil)
        if key not in self._kept:
            async with self._renderers:
                if key not in self._kept:  # another job may have drawn it while we waited
                    self._kept[key] = await asyncio.to_thread(render, drawing, spoil)
        self._kept.move_to_end(key)
        data = self._kept[key]
        while len(self._kept) > self._settings.cached_pictures:
            self._kept.popitem(last=False)
        return data

    async def _keypoints(self, url: str) -> Keypoints | None:
        data = await fetch(url)
        try:
            return await asyncio.to_thread(read_map, data)
        except (OSError, ValueError, Image.DecompressionBombError) as error:
            raise InputError("image_load_error", "Failed to load the control image") from error

    async def _dress(self, url: str) -> Dress:
        try:
            data = await fetch(url)
            return await asyncio.to_thread(_dress_on, data)
        except (OSError, ValueError, Image.DecompressionBombError) as error:
            message = "Failed to load the reference image"
            raise InputError("image_load_error", message).of(REFERENCE) from error
        except InputError as error:
            raise error.of(REFERENCE) from error


def _dress_on(data: bytes) -> Dress:
    with Image.open(io.BytesIO(data), formats=["PNG", "JPEG", "WEBP"]) as picture:
        return seen_on(picture)
