"""A finished picture in every format that was asked for.

Decoded once, and formats that are the same file are made once. A format that cannot be made is an error
beside the others, never instead of them. No metadata of the picture gets into what is made; colours are sRGB.
Everything here is CPU work for a thread, which lets other threads go on.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

import cv2
from PIL import Image

from imaging import png_writer
from imaging.checks import decode, open_header
from imaging.crop import Size, window
from imaging.extend import paint
from imaging.formats import FORMATS, ExportFormat
from imaging.pixels import Pixels, pixels_of
from imaging.resize import fine, quick
from schema.errors import PoseError
from schema.pose import Keypoints

WEBP_EFFORT = 2
"""A third of the time of the usual 4, for 2 % more bytes at the same quality."""
THUMBNAIL = ExportFormat("thumbnail", "Thumbnail", "general", 400, 400, quality=85)


@dataclass(frozen=True)
class Encoded:
    data: bytes
    media_type: str
    extension: str
    width: int
    height: int
    sha256: str


def encode_all(
    picture: bytes,
    keypoints: Keypoints | None,
    formats: Sequence[ExportFormat],
    decoded: Image.Image | None = None,
) -> dict[str, Encoded | PoseError]:
    """By format name; names of one encoding share one object. A broken picture raises BadImage."""
    image = decoded or decode(picture)
    distinct = {format_.encoding: format_ for format_ in formats}
    made = {key: _attempt(picture, image, keypoints, format_) for key, format_ in distinct.items()}
    return {format_.name: made[format_.encoding] for format_ in formats}


def encode(image: Image.Image, keypoints: Keypoints | None, format_: ExportFormat) -> Encoded:
    size = target(image.size, format_)
    return _encoded(_bytes(_framed(image, keypoints, size, format_), format_), format_, size)


def _framed(image: Image.Image, keypoints: Keypoints | None, size: Size, format_: ExportFormat) -> Pixels:
    if size == image.size:
        return pixels_of(image)
    resize = fine if format_.media_type == "image/png" else quick
    return paint(image, window(image.size, size, keypoints), size, resize)


def thumbnail(picture: Image.Image | bytes, keypoints: Keypoints | None = None) -> bytes:
    """400x400 JPEG around the figure."""
    image = decode(picture) if isinstance(picture, bytes) else picture
    return encode(image, keypoints, THUMBNAIL).data


def original_png(picture: Image.Image) -> bytes:
    """At its own size, without loss."""
    return encode(picture, None, FORMATS["original"]).data


def on_white(image: Image.Image) -> Image.Image:
    if image.mode == "RGB":
        return image
    white = Image.new("RGBA", image.size, "white")
    return Image.alpha_composite(white, image).convert("RGB")


def _attempt(
    picture: bytes, image: Image.Image, keypoints: Keypoints | None, format_: ExportFormat
) -> Encoded | PoseError:
    try:
        if format_.is_original and open_header(picture).media_type == format_.media_type:
            return _encoded(picture, format_, image.size)
        return encode(image, keypoints, format_)
    except (OSError, ValueError, MemoryError, cv2.error) as error:
        failure = PoseError(f"The picture could not be made as {format_.label}.")
        failure.__cause__ = error
        return failure


def target(size: Size, format_: ExportFormat) -> Size:
    if format_.width and format_.height:
        return format_.width, format_.height
    scale = format_.long_side / max(size) if format_.long_side else 1
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _bytes(pixels: Pixels, format_: ExportFormat) -> bytes:
    if format_.media_type == "image/png":
        return png_writer.written(pixels, format_.dpi)
    if format_.media_type == "image/jpeg":
        return _jpeg(pixels, format_.quality)
    out = BytesIO()
    Image.fromarray(pixels).save(out, "WEBP", quality=format_.quality, method=WEBP_EFFORT)
    return out.getvalue()


def _jpeg(pixels: Pixels, quality: int) -> bytes:
    """Changes the array: Pillow would make the same file of it, and two copies of the picture on the way."""
    seen = pixels if pixels.shape[2] == 3 else pixels_of(on_white(Image.fromarray(pixels)))
    blue_first = cv2.cvtColor(seen, cv2.COLOR_RGB2BGR, dst=seen)
    options = (cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_OPTIMIZE, 1)
    made, data = cv2.imencode(".jpg", blue_first, options)
    if not made:
        raise ValueError("JPEG ends at 65,500 pixels a side")
    return data.tobytes()


def _encoded(data: bytes, format_: ExportFormat, size: Size) -> Encoded:
    digest = hashlib.sha256(data).hexdigest()
    return Encoded(data, format_.media_type, format_.extension, size[0], size[1], digest)
