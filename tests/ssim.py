"""How alike two pictures look: structural similarity of their brightness (Wang et al. 2004), 1 at most."""

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

Values = npt.NDArray[np.float32]

C1: Final = (0.01 * 255) ** 2
C2: Final = (0.03 * 255) ** 2


def ssim(one: Image.Image, other: Image.Image) -> float:
    a, b = (np.asarray(image.convert("L"), np.float32) for image in (one, other))
    mean_a, mean_b = _around(a), _around(b)
    variances = _around(a * a) - mean_a**2 + _around(b * b) - mean_b**2
    covariance = _around(a * b) - mean_a * mean_b
    alike = (2 * mean_a * mean_b + C1) * (2 * covariance + C2)
    return float(np.mean(alike / ((mean_a**2 + mean_b**2 + C1) * (variances + C2))))


def _around(values: Values) -> Values:
    return np.asarray(cv2.GaussianBlur(values, (11, 11), 1.5), np.float32)
