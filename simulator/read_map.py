"""Reads the pose back from an OpenPose map, by the colours of its joints.

A joint is a disc in a full palette colour; limbs are darker (0.6 of it), so brightness tells them apart
at any size. Where a joint is painted over or absent, its entry is None.
"""

import io
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image

from imaging.openpose import PALETTE, TRAINED_RADIUS, TRAINED_SHORT_SIDE
from schema.pose import Keypoints, Point

COLOURS: Final = np.array(PALETTE, np.int16)
BRIGHT: Final = 190  # a limb has at most 153, a lossy picture makes it a little more
LEAST_CHROMA: Final = 90
COLOUR_TOLERANCE: Final = 42  # half the way from one joint's colour to the next
LEAST_SHARE: Final = 0.15  # of a joint's disc that must be seen
LEAST_JOINTS: Final = 3
MAX_PIXELS: Final = 40_000_000
MAX_PLACES: Final = 1000


@lru_cache(maxsize=64)  # the variations of a pose share one map
def read_map(data: bytes) -> Keypoints | None:
    """None when this is a picture without a pose; raises OSError or ValueError when it is no picture."""
    with Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "WEBP")) as image:
        if image.width * image.height > MAX_PIXELS:
            raise ValueError("too many pixels")
        # A larger map tells no more; taking every n-th pixel keeps the colours pure.
        step = max(1, min(image.size) // TRAINED_SHORT_SIDE)
        pixels = np.asarray(image.convert("RGB"))[::step, ::step].astype(np.int16)
        size = image.width / step, image.height / step
    points = tuple(_joint(places, *size, middle=0.5 / step) for places in _places(pixels))
    return points if sum(point is not None for point in points) >= LEAST_JOINTS else None


def _places(pixels: npt.NDArray[np.int16]) -> list[npt.NDArray[np.intp]]:
    """For each joint the (x, y) of the pixels in its colour."""
    highest, lowest = pixels.max(axis=2), pixels.min(axis=2)
    ys, xs = np.nonzero((highest > BRIGHT) & (highest - lowest > LEAST_CHROMA))
    floor = lowest[ys, xs, None]
    # A lossy picture washes small discs out but keeps their hue: stretch each pixel to full strength.
    hues = (pixels[ys, xs] - floor) * (255 / (highest[ys, xs, None] - floor))
    distances = np.abs(hues[:, None] - COLOURS).max(axis=2)
    nearest = distances.argmin(axis=1)
    close = distances.min(axis=1) <= COLOUR_TOLERANCE
    places = np.column_stack((xs, ys))
    return [places[close & (nearest == joint)] for joint in range(len(PALETTE))]


def _joint(places: npt.NDArray[np.intp], width: float, height: float, *, middle: float) -> Point | None:
    """The middle of the densest disc, so that stray pixels of a lossy picture count for nothing."""
    radius = TRAINED_RADIUS * min(width, height) / TRAINED_SHORT_SIDE
    if len(places) < max(1, LEAST_SHARE * np.pi * radius**2):
        return None
    places = places[:: len(places) // MAX_PLACES + 1]  # a photograph has whole fields of one colour
    squares = ((places[:, None] - places[None]) ** 2).sum(axis=2)
    near = squares <= (2 * radius + 1) ** 2
    x, y = places[near[near.sum(axis=1).argmax()]].mean(axis=0)
    return float((x + middle) / width), float((y + middle) / height)
