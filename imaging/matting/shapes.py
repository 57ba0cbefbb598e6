"""The pixel arrays of this package, and the round brush that its masks are made with."""

import cv2
import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.uint8]
"""1 where it holds, 0 elsewhere."""
Truth = NDArray[np.bool_]
Pixels = NDArray[np.float32]
"""Grey or colours."""


def disc(radius: float) -> Mask:
    side = 2 * max(1, round(radius)) + 1
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)), np.uint8)
