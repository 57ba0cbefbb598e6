"""The backdrop behind a figure: smooth, so what is seen beside the figure tells what it hides.

A shadow on it is darker in the same hue; by that it is told from what stands before it.
"""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from PIL import Image

from imaging.matting.shapes import Mask, Pixels, Truth

ORDER: Final = 3
"""Of the polynomial: light falls off and floors turn up, but paper has no edges."""
FIT_SIDE: Final = 128
ROUNDS: Final = 4
NOISES: Final = 4.0
LEAST: Final = 2.5
"""In Lab: what an eye just sees."""
SHADED: Final = (0.6, 1.0)
"""How much of its light a shadow leaves."""
CHROMA_GAIN: Final = 2.0


@dataclass(frozen=True)
class Paper:
    residual: Pixels
    """What is not backdrop, in Lab: zero where there is nothing else."""
    stands_out: Truth
    shadow: Truth

    @property
    def flattened(self) -> Mask:
        """The picture on an even grey, in colours whose distances are those that eyes see."""
        gains = np.array([1, CHROMA_GAIN, CHROMA_GAIN], np.float32)
        return np.asarray(np.clip(128 + self.residual * gains, 0, 255), np.uint8)


def paper(picture: Image.Image, outside: Truth) -> Paper:
    """`outside` is surely backdrop, as good as all of it: what is not counts little."""
    lit = np.asarray(picture, dtype=np.float32) / np.float32(255)
    lab: Pixels = np.asarray(cv2.cvtColor(lit, cv2.COLOR_RGB2LAB), np.float32)
    sheet, noise = _fitted(lab, outside)
    residual = lab - sheet
    least = max(NOISES * noise, LEAST)
    away = np.sqrt((cv2.GaussianBlur(residual, (0, 0), 1) ** 2).sum(axis=2))
    light = lab[..., 0] / np.maximum(sheet[..., 0], 1)
    tint = np.sqrt(((lab - sheet * light[..., None])[..., 1:] ** 2).sum(axis=2))
    shadow = (light > SHADED[0]) & (light < SHADED[1]) & (tint < least)
    return Paper(residual.astype(np.float32), away > least, shadow)


def _fitted(lab: Pixels, outside: Truth) -> tuple[Pixels, float]:
    """The sheet in the picture's size, and how far the backdrop strays from it."""
    height, width = outside.shape
    scale = min(1.0, FIT_SIDE / max(height, width))
    small = (max(2, round(width * scale)), max(2, round(height * scale)))
    colours: Pixels = np.asarray(cv2.resize(lab, small, interpolation=cv2.INTER_AREA), np.float32)
    colours = colours.reshape(-1, 3)
    sure = cv2.resize(outside.astype(np.float32), small, interpolation=cv2.INTER_AREA).ravel() > 0.99
    terms = _terms(*small)
    if sure.sum() < 2 * terms.shape[1]:
        sure[:] = True
    sheet = np.asarray(terms @ _robust(terms[sure], colours[sure]), np.float32)
    noise = 1.4826 * float(np.median(np.abs(colours[sure] - sheet[sure]).max(axis=1)))
    whole = cv2.resize(sheet.reshape(small[1], small[0], 3), (width, height))
    return np.asarray(whole, np.float32), noise


def _terms(width: int, height: int) -> Pixels:
    y, x = np.meshgrid(np.linspace(-1, 1, height), np.linspace(-1, 1, width), indexing="ij")
    powers = [x**i * y**j for i in range(ORDER + 1) for j in range(ORDER + 1 - i)]
    return np.stack([power.ravel() for power in powers], axis=1).astype(np.float32)


def _robust(terms: Pixels, colours: Pixels) -> Pixels:
    """Least squares in which what strays far, a shadow or a prop, soon counts little (Cauchy's weights)."""
    weights = np.ones((len(terms), 1), np.float32)
    ridge = 1e-3 * np.eye(terms.shape[1], dtype=np.float32)
    found = np.zeros((terms.shape[1], 3), np.float32)
    for _ in range(ROUNDS):
        weighed = terms * weights
        found = np.linalg.solve(weighed.T @ weighed + ridge, weighed.T @ (colours * weights))
        strays = np.sqrt(((colours - terms @ found) ** 2).sum(axis=1, keepdims=True))
        usual = max(1.4826 * float(np.median(strays)), 0.5)
        weights = 1 / (1 + (strays / (2 * usual)) ** 2)
    return found
