"""The same export files as others would make them: Pillow as it comes, and libvips."""

from functools import partial
from io import BytesIO
from math import ceil, floor

import pyvips
from PIL import Image

from imaging.crop import Framing, Size, window
from imaging.extend import paint
from imaging.formats import ExportFormat
from schema.pose import Keypoints

pyvips.cache_set_max(0)


def plain(image: Image.Image, keypoints: Keypoints, size: Size) -> Image.Image:
    """Without loss: what every file is a rendering of."""
    if size == image.size:
        return image
    return Image.fromarray(paint(image, window(image.size, size, keypoints), size))


def pillow(rendered: Image.Image, format_: ExportFormat) -> bytes:
    out = BytesIO()
    kind = format_.media_type.removeprefix("image/")
    options = {"quality": format_.quality} if format_.quality else {"dpi": (300, 300)}
    rendered.save(out, kind, **options)
    return out.getvalue()


def vips_decoded(data: bytes) -> pyvips.Image:
    return pyvips.Image.new_from_buffer(data, "").copy_memory()


def libvips(image: pyvips.Image, keypoints: Keypoints, format_: ExportFormat, size: Size) -> bytes:
    if size != (image.width, image.height):
        image = _framed(image, window((image.width, image.height), size, keypoints), size)
    if format_.media_type == "image/jpeg":
        save = partial(image.jpegsave_buffer, Q=format_.quality, optimize_coding=True)
    elif format_.media_type == "image/webp":
        save = partial(image.webpsave_buffer, Q=format_.quality)
    else:
        save = partial(image.copy(xres=300 / 25.4, yres=300 / 25.4).pngsave_buffer, compression=6)
    return bytes(save())


def _framed(image: pyvips.Image, framing: Framing, size: Size) -> pyvips.Image:
    """What a window shows past the picture is its edge drawn out: less than we paint there."""
    box = framing.box
    scale = size[0] / (box.right - box.left)
    left, top = max(floor(box.left), 0), max(floor(box.top), 0)
    right, bottom = min(ceil(box.right), image.width), min(ceil(box.bottom), image.height)
    enlarged = image.crop(left, top, right - left, bottom - top).resize(scale, kernel="lanczos3")
    at = round((box.left - left) * scale), round((box.top - top) * scale)
    return enlarged.embed(-at[0], -at[1], *size, extend="copy")
