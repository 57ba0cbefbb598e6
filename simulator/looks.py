"""What is answered about a picture that somebody hands in: its figure alone, or how improper it is."""

import io
import zlib
from dataclasses import dataclass
from typing import Final

from PIL import Image

from imaging.matting.cut import cut_out
from schema.errors import BadImage
from simulator.drawn import MediaType
from simulator.inputs import InputError, fetch

FIELD: Final = "image_url"
IMPROPER: Final = 0.97
PROPER: Final = 0.02


@dataclass(frozen=True)
class Look:
    """`cut` for the figure, else the probability."""

    url: str
    cut: bool
    media_type: MediaType = "image/png"
    inline: bool = False

    @property
    def pictures(self) -> int:
        return int(self.cut)


@dataclass(frozen=True)
class Seen:
    """The picture looked at; drawn, it is its figure alone."""

    data: bytes
    width: int
    height: int
    media_type: MediaType

    def variation(self, _index: int) -> "Seen":
        return self

    def draw(self) -> Image.Image:
        picture = _opened(self.data)
        try:
            share = cut_out(picture)
        except BadImage:  # a matting net finds something everywhere, if only nothing
            share = Image.new("L", picture.size)
        picture.putalpha(share)
        return picture

    def improper(self, *, flagged: bool) -> float:
        """As sure as such nets are, and the same for the same picture."""
        return (IMPROPER if flagged else PROPER) + zlib.crc32(self.data) % 1000 / 50_000


async def looked(look: Look) -> Seen:
    try:
        data = await fetch(look.url)
        size = _opened(data).size
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        raise InputError("image_load_error", "Failed to load the image").of(FIELD) from error
    except InputError as error:
        raise error.of(FIELD) from error
    return Seen(data, *size, look.media_type)


def _opened(data: bytes) -> Image.Image:
    with Image.open(io.BytesIO(data), formats=["PNG", "JPEG", "WEBP"]) as picture:
        return picture.convert("RGB")
