"""Pictures from outside: what may be decoded, and whether it is what was asked for.

Nothing larger than MAX_PIXELS is ever decoded and nothing but PNG, JPEG and WebP is tried; whatever the
decoders stumble over is BadImage. What comes out is plain sRGB pixels with no metadata left.
"""

from io import BytesIO
from typing import Final, NamedTuple

from PIL import Image, ImageCms, ImageFile, ImageOps
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

from schema.errors import BadImage

MAX_PIXELS: Final = 40_000_000
BLACK_LEVEL = 10
"""Of 255; JPEG noise and limited-range black stay below it, the darkest scene with a figure does not."""

_DECODERS: Final[tuple[tuple[bytes, str, type[ImageFile.ImageFile]], ...]] = (
    (b"\x89PNG\r\n\x1a\n", "image/png", PngImageFile),
    (b"\xff\xd8\xff", "image/jpeg", JpegImageFile),
    (b"RIFF", "image/webp", WebPImageFile),
)


class NotAPicture(BadImage):
    """None of the three formats."""


class TooManyPixels(BadImage):
    pass


class Header(NamedTuple):
    width: int
    height: int
    media_type: str


def open_header(data: bytes) -> Header:
    """What the first bytes say, at no more cost than reading them."""
    image, media_type = _open(data)
    return Header(image.width, image.height, media_type)


def is_animated(data: bytes) -> bool:
    image, _ = _open(data)
    return bool(getattr(image, "is_animated", False))


def decode(data: bytes, expected_size: tuple[int, int] | None = None) -> Image.Image:
    """The whole picture, upright, as RGB, or RGBA where something shows through."""
    image = _loaded(data)
    if expected_size and image.size != expected_size:
        raise BadImage(f"The picture is {_size(image.size)} pixels instead of {_size(expected_size)}.")
    return _plain(image)


def decode_within(data: bytes, longest: int) -> Image.Image:
    """The same with no side longer than that. It shrinks first: at full size each step takes 160 MB."""
    return _plain(_loaded(data, longest))


def all_black(image: Image.Image) -> bool:
    """How image services hand out what their filter withheld; averaging 8x8 blocks evens out noise."""
    return max(image.convert("L").reduce(8).tobytes()) <= BLACK_LEVEL


def _open(data: bytes) -> tuple[ImageFile.ImageFile, str]:
    """By the decoder classes: Image.open guesses among formats and warns of sizes before we can refuse."""
    found = next((entry for entry in _DECODERS if data.startswith(entry[0])), None)
    if found is None:
        raise NotAPicture("This is not a PNG, JPEG or WebP picture.")
    _, media_type, decoder = found
    try:
        image = decoder(BytesIO(data))
    except Exception as error:
        raise BadImage("The picture is damaged.") from error
    if image.width * image.height > MAX_PIXELS:
        limit = f"at most {MAX_PIXELS // 1_000_000} megapixels are allowed"
        raise TooManyPixels(f"The picture has {_size(image.size)} pixels; {limit}.")
    return image, media_type


def _loaded(data: bytes, longest: int | None = None) -> Image.Image:
    image: Image.Image
    image, _ = _open(data)
    try:
        if isinstance(image, PngImageFile):  # Pillow checks the sums of the pixel data only when told to
            image.verify()
            image, _ = _open(data)
        if longest:
            image = _shrunk(image, longest)
        image.load()
        ImageOps.exif_transpose(image, in_place=True)
    except BadImage:
        raise
    except Exception as error:
        raise BadImage("The picture is damaged or incomplete.") from error
    return image


def _shrunk(image: Image.Image, longest: int) -> Image.Image:
    if image.mode in ("1", "P"):  # neither can be averaged
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    image.thumbnail((longest, longest), Image.Resampling.LANCZOS)
    return image


def _plain(image: Image.Image) -> Image.Image:
    """One colour space, one of two modes, nothing else kept."""
    alpha = image.convert("RGBA").getchannel("A") if image.has_transparency_data else None
    plain = _to_srgb(image).convert("RGB")
    if alpha and alpha.getextrema() != (255, 255):
        plain.putalpha(alpha)
    plain.info = {}
    return plain


def _to_srgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I;16"):  # convert() would clip 16-bit grey instead of scaling it
        return image.point(lambda value: value * (1 / 256)).convert("L")
    profile = image.info.get("icc_profile")
    if not profile:
        return image
    colours = image if image.mode in ("RGB", "CMYK", "L") else image.convert("RGB")
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        converted = ImageCms.profileToProfile(
            colours, source, ImageCms.createProfile("sRGB"), outputMode="RGB"
        )
    except (ImageCms.PyCMSError, OSError):  # a broken profile says nothing about the pixels
        return colours
    return converted or colours


def _size(size: tuple[int, int]) -> str:
    return f"{size[0]}x{size[1]}"
