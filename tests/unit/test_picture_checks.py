"""What a provider or a user may hand in; everything else is BadImage, without a warning or a decode."""

import struct
import zlib
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, ImageDraw, PngImagePlugin

from imaging.checks import MAX_PIXELS, Header, all_black, decode, open_header
from schema.errors import BadImage

PHOTO = Image.fromarray(np.random.default_rng(1).integers(0, 256, (60, 80, 3), dtype=np.uint8))
MEDIA_TYPES = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp"}


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def png_header(width: int, height: int) -> bytes:
    """A PNG that claims a size and holds no pixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(b"\0" * 10)), (b"IEND", b""))
    body = (struct.pack(">I", len(d)) + t + d + struct.pack(">I", zlib.crc32(t + d)) for t, d in chunks)
    return b"\x89PNG\r\n\x1a\n" + b"".join(body)


@pytest.mark.parametrize("kind", MEDIA_TYPES)
def test_header_and_pixels_of_an_honest_picture(kind: str) -> None:
    data = encoded(PHOTO, kind)
    assert open_header(data) == Header(80, 60, MEDIA_TYPES[kind])
    image = decode(data, (80, 60))
    assert (image.mode, image.size, image.info) == ("RGB", (80, 60), {})
    assert abs(np.asarray(image).mean() - np.asarray(PHOTO).mean()) < 2
    assert kind != "PNG" or image.tobytes() == PHOTO.tobytes()


@pytest.mark.parametrize("kind", MEDIA_TYPES)
def test_cut_anywhere_it_is_refused(kind: str) -> None:
    data = encoded(PHOTO, kind)
    for length in [*range(40), *range(40, len(data) - 8, len(data) // 50), len(data) - 8]:
        with pytest.raises(BadImage):
            decode(data[:length])


def test_a_flipped_bit_of_a_png_is_refused() -> None:
    data = bytearray(encoded(PHOTO, "PNG"))
    for position in range(0, len(data), len(data) // 60):
        data[position] ^= 4
        with pytest.raises(BadImage):
            decode(bytes(data))
        data[position] ^= 4
    assert decode(bytes(data)).size == (80, 60)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<html><h1>502 Bad Gateway</h1></html>",
        b'{"error": "loading"}',
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff",
        b"RIFF\x10\0\0\0WEBPVP8 ",
        b"RIFF\x10\0\0\0AVI LIST",
        *(encoded(PHOTO, kind) for kind in ("GIF", "BMP", "TIFF", "AVIF", "ICO", "PPM")),
    ],
)
def test_what_is_not_one_of_three_formats_is_refused(data: bytes) -> None:
    for reads in (open_header, decode):
        with pytest.raises(BadImage):
            reads(data)


@settings(deadline=None)
@given(
    st.sampled_from([b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"RIFF\0\0\0\0WEBPVP8X"]),
    st.binary(max_size=300),
)
def test_garbage_behind_a_good_signature_is_refused(signature: bytes, rest: bytes) -> None:
    with pytest.raises(BadImage):
        decode(signature + rest)


@pytest.mark.parametrize(
    ("width", "height"), [(8000, 5001), (20_000, 20_000), (2**31 - 1, 1), (10**6, 10**6)]
)
def test_bombs_are_refused_by_their_header(width: int, height: int) -> None:
    for reads in (open_header, decode):
        with pytest.raises(BadImage):
            reads(png_header(width, height))


def test_a_webp_bomb_is_refused_by_its_header() -> None:
    canvas = (16_383 - 1).to_bytes(3, "little")
    chunk = b"VP8X" + struct.pack("<I", 10) + b"\0\0\0\0" + canvas + canvas
    with pytest.raises(BadImage):
        open_header(b"RIFF" + struct.pack("<I", 4 + len(chunk)) + b"WEBP" + chunk)


def test_the_limit_itself_is_allowed() -> None:
    assert MAX_PIXELS == 8000 * 5000
    assert open_header(png_header(8000, 5000))[:2] == (8000, 5000)


def test_a_picture_of_another_size_is_refused() -> None:
    with pytest.raises(BadImage, match="80x60 pixels instead of 80x61"):
        decode(encoded(PHOTO, "PNG"), (80, 61))


@pytest.mark.parametrize(
    ("mode", "kind"),
    [("1", "PNG"), ("L", "PNG"), ("P", "PNG"), ("L", "JPEG"), ("CMYK", "JPEG"), ("L", "WEBP")],
)
def test_every_colour_mode_becomes_rgb(mode: str, kind: str) -> None:
    image = decode(encoded(Image.new("RGB", (40, 40), "white").convert(mode), kind))
    assert image.mode == "RGB"
    assert min(image.tobytes()) > 250


def test_sixteen_bit_grey_is_scaled_not_clipped() -> None:
    ramp = (np.arange(256, dtype=np.uint16) * 256).reshape(16, 16)
    assert decode(encoded(Image.fromarray(ramp), "PNG")).getchannel(0).tobytes() == bytes(range(256))


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_alpha_is_kept_only_where_something_shows_through(kind: str) -> None:
    see_through = PHOTO.convert("RGBA")
    see_through.putpixel((3, 4), (10, 20, 30, 0))
    image = decode(encoded(see_through, kind, lossless=True))
    assert image.mode == "RGBA"
    assert [image.getchannel("A").getpixel(place) for place in ((3, 4), (4, 4))] == [0, 255]
    assert decode(encoded(PHOTO.convert("RGBA"), kind)).mode == "RGB"


def test_metadata_is_dropped_after_it_was_obeyed() -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "taken at home"  # to be turned by a quarter; a description
    image = decode(encoded(PHOTO, "JPEG", exif=exif, comment=b"secret"))
    assert image.size == (60, 80)
    assert image.info == {}
    assert not image.getexif()
    text = PngImagePlugin.PngInfo()
    text.add_text("prompt", "secret", zip=True)
    assert decode(encoded(PHOTO, "PNG", pnginfo=text)).info == {}


def test_colours_become_srgb() -> None:
    """Red and blue swapped by the profile come out swapped: the profile was applied, not just dropped."""
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    swapped = srgb.replace(b"rXYZ", b"xXYZ").replace(b"bXYZ", b"rXYZ").replace(b"xXYZ", b"bXYZ")
    red = decode(encoded(Image.new("RGB", (8, 8), (250, 10, 10)), "PNG", icc_profile=swapped)).getpixel(
        (0, 0)
    )
    assert isinstance(red, tuple)
    assert red[0] < 50
    assert red[2] > 200


def test_a_broken_profile_leaves_the_colours() -> None:
    data = encoded(PHOTO, "PNG", icc_profile=b"not a profile")
    assert decode(data).tobytes() == PHOTO.tobytes()


@pytest.mark.parametrize("kind", MEDIA_TYPES)
@pytest.mark.parametrize("noise", [0, 3, 12])
def test_black_is_black_also_after_jpeg(kind: str, noise: int) -> None:
    pixels = np.random.default_rng(2).integers(0, noise + 1, (256, 256, 3), dtype=np.uint8)
    assert all_black(decode(encoded(Image.fromarray(pixels), kind, quality=60)))


def test_a_dark_picture_is_not_black() -> None:
    night = Image.new("RGB", (512, 512), (6, 6, 9))
    ImageDraw.Draw(night).ellipse((200, 200, 240, 300), (28, 24, 20))
    assert not all_black(night)
    assert not all_black(PHOTO)
    assert all_black(Image.new("RGB", (3, 3)))
