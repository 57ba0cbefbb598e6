"""What somebody on a picture wears, in three colours, and the same on a figure: skin, top and bottom."""

from dataclasses import astuple, dataclass
from enum import IntEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from imaging.clay import Pixels

Rgb = tuple[int, int, int]
Colours = NDArray[np.uint8]


class Part(IntEnum):
    SKIN = 0
    TOP = 1
    BOTTOM = 2


SEEN_AT: Final = (96, 64)
"""Rows and columns: enough to tell colours."""
ROWS: Final = {Part.SKIN: (0.04, 0.24), Part.TOP: (0.28, 0.54), Part.BOTTOM: (0.58, 0.94)}
"""Where they are on somebody who stands upright in the middle."""
COLUMNS: Final = (0.34, 0.66)
MARGIN: Final = 0.08
STEP: Final = 32
UNLIKE: Final = 60.0
LEAST_SHARE: Final = 0.08


@dataclass(frozen=True)
class Dress:
    skin: Rgb
    top: Rgb
    bottom: Rgb

    def ramps(self) -> Pixels:
        """By part: its colour in the shade, as it is, and in the light."""
        body = np.array(astuple(self), dtype=np.float32) / 255
        return np.stack([body * 0.42, body, body + (1 - body) * 0.62], axis=1)


def seen_on(picture: Image.Image) -> Dress:
    """The colours most seen where each part usually is, as far as they are not the backdrop's."""
    rows, columns = SEEN_AT
    seen = np.asarray(picture.convert("RGB").resize((columns, rows), Image.Resampling.BOX))
    margin = max(int(columns * MARGIN), 1)
    behind = _most(np.concatenate([seen[:, :margin], seen[:, -margin:]], axis=1), None)
    middle = seen[:, int(columns * COLUMNS[0]) : int(columns * COLUMNS[1])]
    return Dress(*(_most(middle[int(rows * a) : int(rows * b)], behind) for a, b in ROWS.values()))


def _most(seen: Colours, unlike: Rgb | None) -> Rgb:
    pixels = seen.reshape(-1, 3)
    _, group, count = np.unique(pixels // STEP, axis=0, return_inverse=True, return_counts=True)
    found = [pixels[group.ravel() == n].mean(axis=0) for n in np.argsort(-count, kind="stable")]
    shares = np.sort(count)[::-1] / len(pixels)
    others = (
        colour
        for colour, share in zip(found, shares, strict=True)
        if unlike is None or (share > LEAST_SHARE and np.linalg.norm(colour - unlike) > UNLIKE)
    )
    red, green, blue = (round(float(value)) for value in next(others, found[0]))
    return red, green, blue
