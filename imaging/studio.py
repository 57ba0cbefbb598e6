"""The photo studio around the figure: palettes, backdrop, light, shadow on the floor, film grain.

Everything is drawn from the seed and nothing else.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from imaging.clay import Pixels

GRAIN = 1.25
"""Standard deviation in grey levels: subtle to the eye, and makes the PNG as large as a real photograph's."""

Colour = NDArray[np.float32]


def _rgb(text: str) -> Colour:
    return np.array([int(text[i : i + 2], 16) / 255 for i in (0, 2, 4)], dtype=np.float32)


CLAYS = (
    ("5b4438", "c79a7c", "fbe6d2"),  # terracotta
    ("4a4a55", "b9b6b8", "fbfaf7"),  # plaster
    ("4b3a2a", "c6a06a", "fdebc6"),  # maple
    ("3c4a52", "93aab2", "eef7f6"),  # blue clay
    ("553b45", "c8929b", "fde6e4"),  # rose
    ("3f463a", "a3aa8c", "f3f3df"),  # sage
)
"""Shade, body and light of a material."""
BACKDROPS = (
    ("dfe2e6", "b4bac3"), ("ece4da", "c9b8a6"), ("d9e3e0", "9fb4ae"),
    ("e8dde2", "b99fab"), ("cfd8e6", "8d9cb5"), ("f1f0ec", "cfcdc6"), ("6d7480", "333843"),
)  # fmt: skip
"""Centre and edge."""


@dataclass(frozen=True)
class Studio:
    shade: Colour
    body: Colour
    light: Colour
    centre: Colour
    edge: Colour
    sun: Colour
    """Towards the light: always from the upper left, by a varying angle."""


def studio(seed: int) -> Studio:
    draw = np.random.default_rng([seed, 1])
    shade, body, light = (_rgb(c) for c in CLAYS[draw.integers(len(CLAYS))])
    centre, edge = (_rgb(c) for c in BACKDROPS[draw.integers(len(BACKDROPS))])
    warm = np.array([1, 0, -1], dtype=np.float32) * draw.uniform(-0.015, 0.015)
    sun = np.array([-draw.uniform(0.35, 0.7), -draw.uniform(0.5, 0.75), draw.uniform(0.55, 0.75)])
    return Studio(
        shade, body, light, centre + warm, edge + warm, (sun / np.linalg.norm(sun)).astype(np.float32)
    )


def backdrop(room: Studio, seed: int, width: int, height: int, floor: float) -> Pixels:
    """A paper sweep: a pool of light behind the figure, and a floor that turns up without an edge."""
    draw = np.random.default_rng([seed, 2])
    small = (max(width // 8, 2), max(height // 8, 2))
    x = np.linspace(0, 1, small[0], dtype=np.float32)[None, :]
    y = np.linspace(0, 1, small[1], dtype=np.float32)[:, None]
    pool = ((x - draw.uniform(0.36, 0.5)) / 0.75) ** 2 + ((y - draw.uniform(0.3, 0.42)) / 0.8) ** 2
    bend = 1 / (1 + np.exp(-(y - (floor / height - 0.13)) / 0.035))
    fall = np.clip(pool, 0, 1.4)[..., None] / 1.4
    paper = room.centre * (1 - fall) + room.edge * fall
    paper = paper * (1 + (0.05 - 0.13 * (y - floor / height + 0.13))[..., None] * bend[..., None])
    channels = [
        Image.fromarray(paper[..., c].astype(np.float32)).resize((width, height), Image.Resampling.BICUBIC)
        for c in range(3)
    ]
    return np.stack([np.asarray(channel) for channel in channels], axis=2).astype(np.float32)


def cast_shadow(canvas: Pixels, figure: Pixels, floor: float, unit: float) -> None:
    """The figure's outline laid down on the floor behind it, and a dark seam where it touches."""
    height, width = figure.shape
    step = 4
    small = figure[::step, ::step]
    rows, columns = np.mgrid[0 : small.shape[0], 0 : small.shape[1]].astype(np.float32)
    above = (floor / step - rows) / 0.16
    source_y = np.clip(np.round(floor / step - above), 0, small.shape[0] - 1).astype(np.int32)
    source_x = np.clip(np.round(columns - above * 0.42), 0, small.shape[1] - 1).astype(np.int32)
    laid = np.where((above >= -0.02 * unit / step) & (above < unit / step), small[source_y, source_x], 0)
    touching = small * (rows > (floor - 0.035 * unit) / step)
    soft = _blurred(laid, 0.018 * unit / step) * 0.30 + _blurred(touching, 0.02 * unit / step) * 0.55
    shadow = Image.fromarray(np.clip(soft, 0, 0.8).astype(np.float32)).resize(
        (width, height), Image.Resampling.BICUBIC
    )
    canvas *= 1 - np.asarray(shadow)[..., None] * np.array([0.75, 0.72, 0.66], dtype=np.float32)


def _blurred(mask: Pixels, radius: float) -> Pixels:
    grey = Image.fromarray((mask * 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(radius))
    return np.asarray(grey).astype(np.float32) * np.float32(1 / 255)


def developed(canvas: Pixels, seed: int) -> Image.Image:
    """The picture with its grain: one silver layer, the same in all three colours, as on film."""
    height, width, _ = canvas.shape
    grain = np.random.default_rng([seed, 3]).standard_normal((height, width), dtype=np.float32) * GRAIN
    return Image.fromarray(np.clip(canvas * 255 + grain[..., None] + 0.5, 0, 255).astype(np.uint8))
