"""Files of our own making are sound PNGs, hold every pixel and are hardly larger than an encoder's."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from imaging.pixels import pixels_of
from imaging.png_writer import BAND, _foretold, written
from tests.looks import clay


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
@pytest.mark.parametrize("size", [(1, 1), (3, BAND - 1), (50, 2 * BAND), (7, BAND + 1), (200, 1)])
def test_every_pixel_comes_back(mode: str, size: tuple[int, int]) -> None:
    noise = np.random.default_rng(3).integers(0, 256, (size[1], size[0], len(mode)), np.uint8)
    with Image.open(BytesIO(written(noise))) as image:
        image.load()
        assert (image.format, image.mode) == ("PNG", mode)
        assert np.array_equal(np.asarray(image), noise)


def test_its_sums_and_its_resolution_are_right() -> None:
    black = np.zeros((30, 40, 3), np.uint8)
    data = written(black, dpi=300)
    with Image.open(BytesIO(data)) as image:
        image.verify()
        assert image.info["dpi"] == pytest.approx((300, 300), abs=0.01)
    assert b"pHYs" not in written(black)


def test_a_pixel_is_foretold_as_the_format_defines_it() -> None:
    left, above, corner = np.random.default_rng(4).integers(0, 40, (3, 300, 300), np.uint8)
    guess = left.astype(int) + above - corner
    far = [abs(guess - near) for near in (left, above, corner)]
    defined = np.where(
        (far[0] <= far[1]) & (far[0] <= far[2]), left, np.where(far[1] <= far[2], above, corner)
    )
    assert np.array_equal(_foretold(left, above, corner), defined)


def test_a_print_is_no_larger_than_an_encoder_makes_it() -> None:
    enlarged = clay().resize((1240, 1754), Image.Resampling.LANCZOS)
    usual = BytesIO()
    enlarged.save(usual, "PNG")
    assert len(written(pixels_of(enlarged))) < 1.05 * len(usual.getvalue())
