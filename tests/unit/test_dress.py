"""What somebody on a picture wears is read from it, and the figure is drawn in it."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from imaging.dress import Dress, Rgb, seen_on
from imaging.library import load
from imaging.mannequin import cut_out, draw

SIDE = 256
DRESS = Dress(skin=(140, 90, 60), top=(200, 30, 60), bottom=(20, 60, 120))
STANDING = load().poses[0].keypoints


def somebody(backdrop: Rgb, dress: Dress = DRESS) -> Image.Image:
    image = Image.new("RGB", (600, 900), backdrop)
    brush = ImageDraw.Draw(image)
    brush.ellipse((240, 60, 360, 200), dress.skin)
    brush.rectangle((200, 210, 400, 500), dress.top)
    brush.rectangle((220, 500, 380, 860), dress.bottom)
    return image


def near(one: Rgb, other: Rgb) -> bool:
    return max(abs(a - b) for a, b in zip(one, other, strict=True)) <= 8


@pytest.mark.parametrize("backdrop", [(255, 255, 255), (225, 225, 225), (10, 10, 10), (90, 140, 90)])
def test_colours_are_told_from_the_backdrop(backdrop: Rgb) -> None:
    seen = seen_on(somebody(backdrop))
    assert near(seen.skin, DRESS.skin)
    assert near(seen.top, DRESS.top)
    assert near(seen.bottom, DRESS.bottom)


def test_who_wears_the_backdrops_colour_is_still_seen() -> None:
    white = Dress(skin=(140, 90, 60), top=(250, 250, 250), bottom=(20, 60, 120))
    seen = seen_on(somebody((250, 250, 250), white))
    assert near(seen.top, (250, 250, 250))
    assert near(seen.bottom, white.bottom)


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "P", "CMYK"])
@pytest.mark.parametrize("size", [(1, 1), (64, 2048), (500, 100)])
def test_any_picture_has_colours(mode: str, size: tuple[int, int]) -> None:
    seen = seen_on(Image.new("RGB", size, (120, 60, 30)).convert(mode))
    assert near(seen.skin, seen.top)
    assert near(seen.top, seen.bottom)


def colour_at(image: Image.Image, place: tuple[float, float] | None) -> tuple[int, ...]:
    assert place is not None
    x, y = (round(value * SIDE) for value in place)
    there = np.asarray(image)[y - 4 : y + 5, x - 4 : x + 5].reshape(-1, 3)
    return tuple(int(value) for value in there.mean(axis=0))


def test_a_dressed_figure_wears_it() -> None:
    nose, neck, _, elbow, *_ = STANDING
    knee = STANDING[9]
    image = draw(STANDING, SIDE, SIDE, seed=3, dress=DRESS)
    red, green, blue = colour_at(image, neck)
    assert red > 1.5 * max(green, blue)
    red, green, blue = colour_at(image, elbow)
    assert red > 1.5 * max(green, blue)
    red, green, blue = colour_at(image, knee)
    assert blue > 1.3 * red
    red, green, blue = colour_at(image, nose)
    assert red > green > blue


def test_a_figure_that_is_not_dressed_is_of_one_clay() -> None:
    plain = draw(STANDING, SIDE, SIDE, seed=3)
    assert plain.tobytes() == draw(STANDING, SIDE, SIDE, seed=3, dress=None).tobytes()
    assert plain.tobytes() != draw(STANDING, SIDE, SIDE, seed=3, dress=DRESS).tobytes()
    alone = np.asarray(cut_out(STANDING, SIDE, SIDE, seed=3)).reshape(-1, 4)
    assert (alone[:, 3] == 255).any()


def test_the_backdrop_stays_the_seeds() -> None:
    plain, dressed = (np.asarray(draw(STANDING, SIDE, SIDE, seed=3, dress=dress)) for dress in (None, DRESS))
    assert (plain[:, :20] == dressed[:, :20]).all()
