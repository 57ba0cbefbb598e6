"""A figure before another background: one colour, or a picture that fills the frame.

What is taken along are the figure's own colours; of the old backdrop nothing is left, not even at the edges.
"""

from typing import Final

import cv2
import numpy as np
from PIL import Image, ImageColor, ImageOps

from imaging.matting.edges import WIDE, bands, freed, scale_of
from imaging.matting.shapes import Mask

SOLES: Final = 0.05
"""The lowest part of the figure, which throws the shadow that it stands on; of its height."""
SHADOW: Final = 0.5


def onto_colour(picture: Image.Image, share: Image.Image, colour: str) -> Image.Image:
    """`colour` is #RRGGBB, and the background is exactly that: shops ask for pure white."""
    return _onto(picture, share, np.array(Image.new("RGB", picture.size, ImageColor.getrgb(colour))))


def onto_picture(picture: Image.Image, share: Image.Image, background: Image.Image) -> Image.Image:
    """The background fills the frame: its longer side is cut, around the middle."""
    fitted = ImageOps.fit(background.convert("RGB"), picture.size, Image.Resampling.LANCZOS)
    return _onto(picture, share, _shaded(np.array(fitted), np.asarray(share)))


def _onto(picture: Image.Image, share: Image.Image, made: Mask) -> Image.Image:
    colours, shares = np.asarray(picture.convert("RGB")), np.asarray(share)
    unit = scale_of(colours)
    for inner, outer in bands(len(colours), margin=round(WIDE * max(unit, 1))):
        if shares[inner].any():
            rows = slice(inner.start - outer.start, inner.stop - outer.start)
            part = np.asarray(shares[outer], np.float32) / np.float32(255)
            front = freed(colours[outer].astype(np.float32), part, unit)[rows]
            made[inner] = np.rint(made[inner] + (front - made[inner]) * part[rows, :, None])
    return Image.fromarray(made)


def _shaded(ground: Mask, shares: Mask) -> Mask:
    """Without it a figure hangs in the air before the picture it is to stand in."""
    rows = np.flatnonzero(shares.max(axis=1) > 127)
    if not rows.size:
        return ground
    height = int(rows[-1] - rows[0]) + 1
    soles = shares.copy()
    soles[: int(rows[-1] - SOLES * height)] = 0
    flat = cv2.GaussianBlur(soles.astype(np.float32), (0, 0), sigmaX=0.03 * height, sigmaY=0.007 * height)
    dark = SHADOW * np.clip(flat / 160, 0, 1)
    return np.asarray(np.rint(ground * (1 - dark[..., None])), np.uint8)
