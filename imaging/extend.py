"""Paints a framing of a picture at any size, also where it reaches past the picture's edges.

Past an edge the picture is mirrored for a little way, never as far as the figure, and gives over to the edge
itself, drawn out and blurred ever more: a studio's backdrop and floor go on, a busy place melts away.
"""

from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

from imaging.crop import Box, Framing, Size
from imaging.pixels import Pixels
from imaging.resize import Resize, fine

Floats = npt.NDArray[np.float32]

MIRRORED = 0.12
"""How deep the mirror image goes, as a share of the edge's length."""
BAND = 128
"""Rows painted at once: a poster's worth of floats would be hundreds of megabytes."""
SOFTENING: Final = ((0.0, 0.0), (0.01, 0.01), (0.04, 0.03), (0.12, 0.08), (0.35, 0.2))
"""(distance from the edge, blur along it) of each copy of the edge, as shares of its length."""


def paint(picture: Image.Image, framing: Framing, size: Size, resize: Resize = fine) -> Pixels:
    box, figure = framing
    scale = size[0] / (box.right - box.left)
    seen = Box(
        max(box.left, 0.0), max(box.top, 0.0), min(box.right, picture.width), min(box.bottom, picture.height)
    )
    left, right = round((seen.left - box.left) * scale), round((seen.right - box.left) * scale)
    top, bottom = round((seen.top - box.top) * scale), round((seen.bottom - box.top) * scale)
    core = resize(picture, (right - left, bottom - top), seen)
    if core.shape[:2] == size[::-1]:
        return core
    canvas = np.empty((size[1], size[0], core.shape[2]), np.uint8)
    canvas[top:bottom, left:right] = core
    clear = Box(*(abs(body - edge) * scale for body, edge in zip(figure, seen, strict=True)))
    sides = (  # in the order in which quarter turns bring them to the left; only one pair is ever open
        (left, clear.left, canvas[:, :left]),
        (top, clear.top, canvas[:top]),
        (size[0] - right, clear.right, canvas[:, right:]),
        (size[1] - bottom, clear.bottom, canvas[bottom:]),
    )
    for turns, (length, free, beyond) in enumerate(sides):
        if length:
            beyond[:] = np.rot90(_before(np.rot90(core, turns), length, free), -turns)
    return canvas


def _before(pixels: Pixels, length: int, clear: float) -> Pixels:
    """Columns that lead up to the first one; grain keeps their gradients from showing steps."""
    height, _, channels = pixels.shape
    leading = np.empty((height, length, channels), np.uint8)
    copies, weights = _softened(pixels[:, 0], length)
    zone = min(length, int(clear), round(MIRRORED * height))
    share = np.linspace(1, 0, zone, dtype=np.float32)
    noise = np.random.default_rng(0)
    for start in range(0, height, BAND):
        band = slice(start, start + BAND)
        drawn = _blended(copies[:, band], weights)
        mirrored = drawn[..., :zone]
        mirrored += (pixels[band, :zone].swapaxes(1, 2) - mirrored) * share
        drawn[:, :3] += noise.standard_normal((len(drawn), 1, length), np.float32)  # never the alpha channel
        np.clip(np.rint(drawn, out=drawn), 0, 255, out=drawn)
        leading[band] = drawn.swapaxes(1, 2)
    return leading[:, ::-1]


def _blended(copies: Floats, weights: Floats) -> Floats:
    """Rows, channels, columns. By hand: a matrix product this thin spends its time on waking threads."""
    blended = np.zeros((*copies.shape[1:], weights.shape[1]), np.float32)
    for copy, weight in zip(copies, weights, strict=True):
        blended += copy[..., None] * weight
    return blended


def _softened(edge: Pixels, length: int) -> tuple[Floats, Floats]:
    """Copies of the edge from sharp to soft, and how much of each is in every column."""
    column = Image.fromarray(np.ascontiguousarray(edge[:, None]))
    distances, blurs = zip(*SOFTENING, strict=True)
    copies = [column.filter(ImageFilter.GaussianBlur((0, blur * len(edge)))) for blur in blurs]
    steps = np.arange(1, length + 1) / len(edge)
    weights = [np.interp(steps, distances, one_hot) for one_hot in np.eye(len(blurs))]
    return np.stack([np.asarray(copy)[:, 0] for copy in copies]).astype(np.float32), np.array(
        weights, np.float32
    )
