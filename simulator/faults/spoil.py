"""Ways in which a delivered picture is no good."""

import io
from typing import Final

from PIL import Image

from simulator.drawn import Drawn, encode

TOO_LARGE: Final = (8000, 6000)  # 48 megapixels


def black(_: bytes, drawing: Drawn) -> bytes:
    return encode(Image.new("RGB", (drawing.width, drawing.height)), drawing.media_type)


def garbage(data: bytes, _: Drawn) -> bytes:
    """As long as the picture, and in no format at all."""
    return (b"not a picture\n" * (len(data) // 14 + 1))[: len(data)]


def truncated(data: bytes, _: Drawn) -> bytes:
    return data[: len(data) // 2]


def wrong_size(data: bytes, drawing: Drawn) -> bytes:
    with Image.open(io.BytesIO(data)) as image:
        return encode(image.resize((drawing.width // 2, drawing.height // 2)), drawing.media_type)


def too_large(_: bytes, drawing: Drawn) -> bytes:
    return encode(Image.new("L", TOO_LARGE, 128), drawing.media_type)
