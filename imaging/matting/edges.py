"""Soft edges, and colours that hold nothing of the old backdrop.

Both follow from the colours a little inside and a little outside of the outline: a pixel on it is a mixture
of the two, and the share of the inner one is how much of the pixel belongs to the figure.
Done in bands of rows, so that a large picture costs no more memory than a small one.
"""

from typing import Final

import cv2
import numpy as np

from imaging.matting.shapes import Mask, Pixels, disc

BAND: Final = 256
USUAL_SIDE: Final = 1024
REACH: Final = 4.0
"""How far from the outline a pixel may be mixed, and colours are asked; in pixels of the usual size."""
SMOOTH, CRISP = 2.5, 2.5
"""Rounds off the steps of the smaller size, and how steep the edge is made again."""
SLACK: Final = 2.0
"""How far off the outline itself may be."""
CONTRAST: Final = (18.0, 48.0)
"""Between inside and outside, of 255: below the first colours tell nothing, above the second everything."""
PURE: Final = 0.05
"""Shares this near to none or all are noise."""
WIDE, NARROW = 45, 3
"""Two looks for the colours of a side, as in blur-fusion estimation (Forte 2021)."""


def soft(colours: Mask, outline: Mask | Pixels) -> Mask:
    """The outline, found at a smaller size, as shares of 0 to 255 at the size of the picture."""
    height, width = colours.shape[:2]
    unit = scale_of(colours)
    large = cv2.resize(outline.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    smooth = cv2.GaussianBlur(large, (0, 0), max(SMOOTH * unit, 0.5))
    rough: Pixels = np.asarray(np.clip((smooth - 0.5) * CRISP + 0.5, 0, 1), np.float32)
    shares = np.empty((height, width), np.uint8)
    for inner, outer in bands(height, margin=round(6 * REACH * max(unit, 1))):
        share = _shares(colours[outer].astype(np.float32), rough[outer], unit)
        offset = inner.start - outer.start
        shares[inner] = np.rint(255 * share[offset : offset + inner.stop - inner.start])
    return shares


def freed(colours: Pixels, share: Pixels, unit: float) -> Pixels:
    """The figure's own colours, where it covers a pixel only in part too."""
    front = colours
    for size in (WIDE, NARROW):
        front = _fused(colours, share[..., None], front, max(3, round(size * unit)))
    return np.asarray(np.clip(front, 0, 255), np.float32)


def scale_of(colours: Mask) -> float:
    """Of a picture, to the usual size: what all lengths here are stated in."""
    return float(max(colours.shape[:2])) / USUAL_SIDE


def bands(height: int, *, margin: int) -> list[tuple[slice, slice]]:
    """Rows to be made, and the rows needed for them."""
    return [
        (slice(top, min(top + BAND, height)), slice(max(0, top - margin), min(top + BAND + margin, height)))
        for top in range(0, height, BAND)
    ]


def _shares(colours: Pixels, rough: Pixels, unit: float) -> Pixels:
    hard = (rough > 0.5).astype(np.uint8)
    inside, outside = cv2.erode(hard, disc(REACH * unit)), 1 - cv2.dilate(hard, disc(REACH * unit))
    (front, near_front), (back, near_back) = (
        _nearby(colours, side.astype(np.float32), REACH * unit) for side in (inside, outside)
    )
    way = front - back
    length = (way**2).sum(axis=2)
    share = ((colours - back) * way).sum(axis=2) / np.maximum(length, 1)
    share = np.clip((share - PURE) / (1 - 2 * PURE), 0, 1)
    low, high = CONTRAST
    known = np.clip(near_front * near_back * 2500, 0, 1)
    trust = np.clip((np.sqrt(length) - low) / (high - low), 0, 1) * known
    share = rough + (share - rough) * trust
    slack = disc(SLACK * unit)
    return np.asarray(np.clip(share, cv2.erode(rough, slack), cv2.dilate(rough, slack)), np.float32)


def _nearby(colours: Pixels, where: Pixels, reach: float) -> tuple[Pixels, Pixels]:
    """The mean colour of what lies near on that side, and how much of it there is."""
    amount = cv2.GaussianBlur(where, (0, 0), reach)
    total = cv2.GaussianBlur(colours * where[..., None], (0, 0), reach)
    return np.asarray(total / np.maximum(amount, 1e-4)[..., None], np.float32), np.asarray(amount, np.float32)


def _fused(colours: Pixels, share: Pixels, front: Pixels, size: int) -> Pixels:
    """The colours of the surroundings, corrected so that front and back mix to the pixel that is seen."""
    window = (size, size)
    amount = cv2.blur(share, window)[..., None]
    near_front = cv2.blur(front * share, window) / (amount + 1e-5)
    near_back = cv2.blur(colours * (1 - share), window) / (1 - amount + 1e-5)
    mixed = share * near_front + (1 - share) * near_back
    return np.asarray(near_front + share * (colours - mixed), np.float32)
