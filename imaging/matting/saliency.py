"""What a U2-Net is shown, and the outline in what it answers. The net itself runs elsewhere."""

from typing import Final

import numpy as np
from PIL import Image

from imaging.matting.edges import soft
from imaging.matting.shapes import Pixels
from schema.errors import BadImage

MEAN: Final = np.array([0.485, 0.456, 0.406], np.float32)
DEVIATION: Final = np.array([0.229, 0.224, 0.225], np.float32)
"""Of the pictures that these nets were trained on."""
LEAST: Final = 0.5
"""The net is sure of nothing where it never says more."""


def shown(picture: Image.Image, width: int, height: int) -> Pixels:
    """As such a net was taught with: its colours about zero, whatever the light."""
    small = picture.convert("RGB").resize((width, height), Image.Resampling.LANCZOS)
    colours = np.asarray(small, np.float32)
    normal = (colours / max(float(colours.max()), 1.0) - MEAN) / DEVIATION
    return np.asarray(normal, np.float32)


def share(picture: Image.Image, sureness: Pixels) -> Image.Image:
    """How much of each pixel belongs to the figure; raise BadImage when the net found none."""
    if not np.isfinite(sureness).all() or float(sureness.max()) < LEAST:
        raise BadImage("There is no figure in this picture that could be cut out.")
    low, high = float(sureness.min()), float(sureness.max())
    outline = np.asarray((sureness - low) / max(high - low, 1e-6), np.float32)
    return Image.fromarray(soft(np.asarray(picture.convert("RGB")), outline))
