"""What can be rendered to a file: a picture from nothing, or what is left of one that was handed in."""

import io
import zlib
from collections.abc import Callable
from functools import partial
from typing import Literal, Protocol

from PIL import Image

MediaType = Literal["image/png", "image/jpeg"]


class Drawn(Protocol):
    """Hashable: the same is rendered once."""

    @property
    def width(self) -> int: ...
    @property
    def height(self) -> int: ...
    @property
    def media_type(self) -> MediaType: ...

    def variation(self, index: int) -> "Drawn": ...
    def draw(self) -> Image.Image: ...


Spoil = Callable[[bytes, Drawn], bytes]
"""Turns a good picture into a bad one."""


def encode(image: Image.Image, media_type: MediaType) -> bytes:
    save = {
        "image/png": partial(image.save, format="PNG", compress_level=6, compress_type=zlib.Z_RLE),
        "image/jpeg": partial(image.save, format="JPEG", quality=92),
    }[media_type]
    buffer = io.BytesIO()
    save(buffer)
    return buffer.getvalue()


def render(drawn: Drawn, spoil: Spoil | None) -> bytes:
    data = encode(drawn.draw(), drawn.media_type)
    return spoil(data, drawn) if spoil else data
