"""An array holds every pixel of a picture, whatever its height has to do with how it is read."""

import numpy as np
import pytest
from PIL import Image

from imaging.pixels import BAND, pixels_of


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
@pytest.mark.parametrize("size", [(1, 1), (3, BAND), (5, BAND - 1), (7, 2 * BAND + 1)])
def test_every_pixel_is_where_it_was(mode: str, size: tuple[int, int]) -> None:
    noise = np.random.default_rng(6).integers(0, 256, (size[1], size[0], len(mode)), np.uint8)
    assert np.array_equal(pixels_of(Image.fromarray(noise)), noise)


def test_a_part_is_cut_out() -> None:
    noise = np.random.default_rng(7).integers(0, 256, (2 * BAND, 50, 3), np.uint8)
    cut = pixels_of(Image.fromarray(noise), (10, 3, 41, 3 + BAND + 1))
    assert np.array_equal(cut, noise[3 : 4 + BAND, 10:41])
