"""Exports look like the straightforward rendering, Lanczos and the encoder as it comes, and are no larger."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageChops, ImageFilter

from imaging.crop import Box, Size, window
from imaging.exports import THUMBNAIL, encode
from imaging.extend import paint
from imaging.formats import FORMATS, ExportFormat
from imaging.resize import fine, quick
from tests.looks import clay, pose
from tests.ssim import ssim

LARGE_PRINTS = ("print_a4", "print_letter", "print_tabloid")
FILES = [each for each in (*FORMATS.values(), THUMBNAIL) if not each.is_original]
SMALL = list({each.encoding: each for each in FILES if each.name not in LARGE_PRINTS}.values())


def rendered(size: Size) -> Image.Image:
    """Whatever is past the picture's edges is painted by the same hand: no other renderer has it."""
    return Image.fromarray(paint(clay(), window(clay().size, size, pose()), size))


def usual(image: Image.Image, format_: ExportFormat) -> bytes:
    out = BytesIO()
    kind = format_.media_type.removeprefix("image/")
    image.save(out, kind, **({"quality": format_.quality} if format_.quality else {}))
    return out.getvalue()


@pytest.mark.parametrize("format_", SMALL, ids=lambda format_: format_.name)
def test_an_export_is_as_like_the_rendering_as_the_usual_file(format_: ExportFormat) -> None:
    made = encode(clay(), pose(), format_)
    plain = rendered((made.width, made.height))
    straightforward = usual(plain, format_)
    likeness, usual_likeness = (
        ssim(plain, Image.open(BytesIO(data))) for data in (made.data, straightforward)
    )
    assert likeness > usual_likeness - 0.004
    assert len(made.data) < 1.15 * len(straightforward)


def detailed() -> Image.Image:
    noise = np.random.default_rng(5).integers(0, 256, (256, 256, 3), np.uint8)
    return Image.fromarray(noise).filter(ImageFilter.GaussianBlur(1))


@pytest.mark.parametrize("side", [1000, 487, 251])
def test_the_quick_way_is_as_sharp_as_the_fine_one(side: int) -> None:
    size, whole = (side, side), Box(0, 0, 256, 256)
    plain, rough = (Image.fromarray(resize(detailed(), size, whole)) for resize in (fine, quick))
    assert ssim(plain, rough) > 0.993
    soft = detailed().resize(size, Image.Resampling.BILINEAR)
    assert ssim(plain, soft) < 0.99
    assert ssim(plain, ImageChops.offset(plain, 1)) < 0.97


@pytest.mark.parametrize("side", [225, 180, 128, 90])
def test_the_quick_way_skips_no_pixel_where_it_shrinks(side: int) -> None:
    size, whole = (side, side), Box(0, 0, 256, 256)
    plain, averaged = (Image.fromarray(resize(detailed(), size, whole)) for resize in (fine, quick))
    assert ssim(plain, averaged) > 0.97
    assert ssim(plain, ImageChops.offset(plain, 1)) < 0.5


@pytest.mark.parametrize("side", [10, 31, 100])
def test_it_is_as_large_as_it_was_asked_for(side: int) -> None:
    for width in range(200, 700, 7):
        part = Box(0.5, 0.3, width - 0.2, width - 0.4)
        assert quick(Image.new("RGB", (width, width)), (side, side), part).shape == (side, side, 3)


def test_no_colour_of_what_cannot_be_seen_is_mixed_in() -> None:
    part, clear = Box(10.5, 3, 200, 192.5), detailed().convert("RGBA")
    assert np.array_equal(quick(clear, (400, 400), part), fine(clear, (400, 400), part))


@pytest.mark.parametrize("left", [0.0, 0.3, 0.5, 1.5, 40.25])
def test_a_part_begins_within_half_a_pixel(left: float) -> None:
    ramp = Image.fromarray(np.tile(np.arange(0, 256, 2, dtype=np.uint8)[:, None], (64, 1, 3)))
    made = quick(ramp, (192, 96), Box(left, 0, left + 64, 32))[40, 10:-10, 0].astype(float)
    at = left + (np.arange(10, 182) + 0.5) / 3 - 0.5
    assert np.abs(made - 2 * at).max() < 1.5
