"""Pictures that users hand in: one still picture comes through, as a plain JPEG, and nothing else.

Always encoded anew, upright, without metadata and no larger than of use. All of it is work for a thread.
"""

from dataclasses import dataclass
from io import BytesIO
from typing import Final

from PIL import Image

from imaging import checks
from imaging.containers import extent, has_stowaway
from imaging.exports import on_white
from schema.errors import BadImage, PayloadTooLarge, UnsupportedMediaType, ValidationFailed

MEDIA_TYPE: Final = "image/jpeg"
SHORTEST_SIDE: Final = 64
MAX_SCANS: Final = 64
"""A progressive JPEG has about ten; one made to keep a decoder busy has thousands."""
QUALITY: Final = 92


@dataclass(frozen=True)
class Taken:
    data: bytes
    width: int
    height: int


def take(data: bytes, longest: int) -> Taken:
    """No side longer than that.

    Raise UnsupportedMediaType, PayloadTooLarge or ValidationFailed, in words for whoever sent it.
    """
    try:
        _check(data)
        picture = on_white(checks.decode_within(data, longest))
    except checks.NotAPicture as error:
        raise UnsupportedMediaType("Give a picture as PNG, JPEG or WebP.") from error
    except checks.TooManyPixels as error:
        raise PayloadTooLarge(error.message) from error
    except BadImage as error:
        raise ValidationFailed(error.message) from error
    if min(picture.size) < SHORTEST_SIDE:
        raise ValidationFailed(f"The picture is too small: both sides need {SHORTEST_SIDE} pixels or more.")
    return Taken(_jpeg(picture), picture.width, picture.height)


def _check(data: bytes) -> None:
    media_type = checks.open_header(data).media_type
    if checks.is_animated(data):
        raise BadImage("Moving pictures cannot be used. Give a still one.")
    if extent(data, media_type).scans > MAX_SCANS:
        raise BadImage("The picture is packed in an unusual way. Save it again as PNG or JPEG.")
    if has_stowaway(data, media_type):
        raise BadImage("This file holds more than a picture. Save it again as PNG, JPEG or WebP.")


def _jpeg(picture: Image.Image) -> bytes:
    out = BytesIO()
    picture.save(out, "JPEG", quality=QUALITY, subsampling=0)
    return out.getvalue()
