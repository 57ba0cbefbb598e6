"""Of what users hand in one still picture comes through, and nothing that rode on it."""

import struct
import zlib
from contextlib import suppress
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, PngImagePlugin

from imaging import intake
from imaging.containers import extent
from schema.errors import PayloadTooLarge, PoseError, UnsupportedMediaType, ValidationFailed

KINDS = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp"}
ZIP = b"PK\x03\x04" + b"\0" * 100 + b"PK\x05\x06"
CLIP = b"\0\0\0\x18ftypmp42" + b"\0" * 200


def scene(width: int = 120, height: int = 90) -> Image.Image:
    """Red on the left, blue on the right, so that one sees which way is up."""
    image = Image.new("RGB", (width, height), "red")
    ImageDraw.Draw(image).rectangle((width // 2, 0, width, height), "blue")
    return image


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def opened(taken: intake.Taken) -> Image.Image:
    image = Image.open(BytesIO(taken.data))
    assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (taken.width, taken.height))
    image.load()
    return image


def take(data: bytes) -> intake.Taken:
    return intake.take(data, 2048)


def refusal(data: bytes) -> PoseError:
    with pytest.raises(PoseError) as raised:
        take(data)
    return raised.value


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_comes_through_as_jpeg(kind: str) -> None:
    image = opened(take(encoded(scene(), kind)))
    assert image.size == (120, 90)
    left, right = image.getpixel((10, 45)), image.getpixel((110, 45))
    assert isinstance(left, tuple)
    assert isinstance(right, tuple)
    assert (left[0] > 200, left[2] < 60, right[0] < 60, right[2] > 200) == (True,) * 4


def test_it_is_encoded_anew_and_the_same_each_time() -> None:
    data = encoded(scene(), "JPEG", quality=75)
    assert take(data) == take(data)
    assert take(data).data != data


def test_nothing_that_is_known_about_the_picture_stays() -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F], exif[0x8298] = 6, "Camera of Ann", "Ann, Jakarta"
    gps = exif.get_ifd(0x8825)
    gps[2] = (6.0, 12.0, 30.0)
    data = encoded(scene(), "JPEG", exif=exif, comment=b"Ann at home", xmp=b"<x:xmpmeta>Ann</x:xmpmeta>")
    assert data.count(b"Ann") >= 4
    image = opened(take(data))
    assert image.size == (90, 120), "turned as the camera said"
    assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert not image.getexif()
    assert b"Ann" not in take(data).data
    text = PngImagePlugin.PngInfo()
    text.add_text("Author", "Ann")
    assert b"Ann" not in take(encoded(scene(), "PNG", pnginfo=text)).data


def test_what_shows_through_becomes_white() -> None:
    image = Image.new("RGBA", (100, 100), (0, 0, 0, 0))
    assert min(opened(take(encoded(image, "PNG"))).tobytes()) > 250


@pytest.mark.parametrize(
    ("size", "becomes"),
    [((4096, 1024), (2048, 512)), ((1500, 3000), (1024, 2048)), ((2048, 2048), (2048, 2048))],
)
@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "P", "1"])
def test_long_sides_are_bounded(size: tuple[int, int], becomes: tuple[int, int], mode: str) -> None:
    data = encoded(scene(*size).convert(mode), "PNG")
    assert opened(take(data)).size == becomes


@pytest.mark.parametrize("size", [(63, 500), (500, 63), (1, 1), (10_000, 100)])
def test_too_small_to_be_of_use(size: tuple[int, int]) -> None:
    error = refusal(encoded(Image.new("RGB", size), "PNG"))
    assert isinstance(error, ValidationFailed)
    assert "too small" in error.message


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GIF89a",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"%PDF-1.7",
        ZIP,
        b"\0" * 1000,
        b" " + encoded(scene(), "PNG"),
        *(encoded(scene(), kind) for kind in ("GIF", "BMP", "TIFF", "AVIF", "ICO")),
    ],
)
def test_other_formats_are_unsupported(data: bytes) -> None:
    assert isinstance(refusal(data), UnsupportedMediaType)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("part", [0.0, 0.3, 0.7, 0.98])
def test_truncated_pictures_are_refused(kind: str, part: float) -> None:
    noise = Image.fromarray(np.random.default_rng(1).integers(0, 256, (90, 120, 3), dtype=np.uint8))
    data = encoded(noise, kind)
    assert isinstance(refusal(data[: 20 + int(len(data) * part) - 30 * (part > 0.9)]), ValidationFailed)


@pytest.mark.parametrize("kind", KINDS)
def test_a_last_byte_missing_is_seen(kind: str) -> None:
    assert isinstance(refusal(encoded(scene(), kind)[:-1]), ValidationFailed)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_moving_pictures_are_refused(kind: str) -> None:
    frames = [scene(), scene().rotate(180)]
    data = encoded(frames[0], kind, save_all=True, append_images=frames[1:], duration=100)
    error = refusal(data)
    assert isinstance(error, ValidationFailed)
    assert "still" in error.message


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "rider",
    [ZIP, b"<script>alert(1)</script>", b"<?php system($_GET[0]);", b"%PDF-1.4", b"\x7fELF", b"\0\0MZ", b"x"],
)
def test_what_rides_on_a_picture_is_refused(kind: str, rider: bytes) -> None:
    error = refusal(encoded(scene(), kind) + rider)
    assert isinstance(error, ValidationFailed)
    assert "more than a picture" in error.message


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("padding", [b"\0" * 50, b"\r\n", b"\n\0"])
def test_padding_is_no_rider(kind: str, padding: bytes) -> None:
    take(encoded(scene(), kind) + padding)


@pytest.mark.parametrize(
    "rest", [encoded(scene(30, 30), "JPEG"), CLIP, b"\0\0\x01\x0aMCC_Data" + b"SEFHSEFT"]
)
def test_what_phones_append_is_dropped(rest: bytes) -> None:
    """Previews, the clip of a moving photo, Samsung's notes: the user took a photo and knows of none."""
    data = encoded(scene(), "JPEG")
    assert take(data + rest) == take(data)
    assert isinstance(refusal(encoded(scene(), "PNG") + rest), ValidationFailed)


def test_riders_inside_are_dropped() -> None:
    data = encoded(scene(), "JPEG", comment=b"<script>alert(1)</script>")
    assert b"<script>" not in take(data).data
    png = encoded(scene(), "PNG")
    hidden = chunk(b"ruSt", ZIP)
    assert b"PK\x05\x06" not in take(png[:33] + hidden + png[33:]).data


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(width: int, height: int, *more: bytes) -> bytes:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(more) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(8000, 5001), (2**31 - 1, 1), (65_535, 65_535)])
def test_too_many_pixels_are_refused_before_decoding(size: tuple[int, int]) -> None:
    error = refusal(png(*size, chunk(b"IDAT", zlib.compress(b"\0" * 10))))
    assert isinstance(error, PayloadTooLarge)
    assert "40 megapixels" in error.message


@pytest.mark.parametrize("kind", [b"zTXt", b"iCCP"])
def test_bombs_in_what_is_said_about_the_picture(kind: bytes) -> None:
    bomb = chunk(kind, b"x\0\0" + zlib.compress(b"\0" * 20_000_000))
    assert isinstance(refusal(png(100, 100, bomb, chunk(b"IDAT", b""))), ValidationFailed)


def test_a_jpeg_of_endless_scans_is_refused_before_decoding() -> None:
    data = encoded(scene(), "JPEG", progressive=True)
    assert 1 < extent(data, "image/jpeg").scans < intake.MAX_SCANS
    take(data)
    start = data.rindex(b"\xff\xda")
    scan = data[start:-2]
    error = refusal(data[:-2] + scan * intake.MAX_SCANS + data[-2:])
    assert isinstance(error, ValidationFailed)
    assert "unusual" in error.message


@pytest.mark.parametrize("kind", KINDS)
def test_where_a_picture_ends(kind: str) -> None:
    data = encoded(scene(), kind)
    assert extent(data + ZIP, KINDS[kind]).end == len(data)


@settings(deadline=None)
@given(
    st.sampled_from(
        [b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"\xff\xd8\xff\xda", b"RIFF", b"RIFF\0\0\0\0WEBPVP8X"]
    ),
    st.binary(max_size=300),
)
def test_garbage_is_refused_and_nothing_else_happens(signature: bytes, rest: bytes) -> None:
    assert refusal(signature + rest).status in (400, 413, 415)


@settings(deadline=None, max_examples=200)
@given(st.sampled_from(sorted(KINDS)), st.data())
def test_damage_anywhere_is_a_refusal_or_a_picture(kind: str, choose: st.DataObject) -> None:
    data = bytearray(encoded(scene(), kind))
    for place in choose.draw(st.lists(st.integers(0, len(data) - 1), min_size=1, max_size=8)):
        data[place] = choose.draw(st.integers(0, 255))
    with suppress(ValidationFailed, PayloadTooLarge, UnsupportedMediaType):
        opened(take(bytes(data)))
