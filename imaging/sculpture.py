"""Puts moulded parts on one another, far ones first, as a relief that is lit afterwards.

A part that grows out of another is let into its surface, so joints are smooth; one that merely lies over
another shades it.
"""

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageFilter

from imaging.clay import Mould, Pixels, Place

SHADE = 0.46
"""How dark it gets right beside a part that lies over another."""


@dataclass(frozen=True)
class Root:
    """Where a limb starts, and the way it goes from there (a unit vector, shortened as the limb is)."""

    place: Place
    way: Place


class Sculpture:
    def __init__(self, width: int, height: int) -> None:
        self.cover: Pixels = np.zeros((height, width), dtype=np.float32)
        self.normal: Pixels = np.zeros((height, width, 3), dtype=np.float32)
        self.open: Pixels = np.ones((height, width), dtype=np.float32)
        """How much light gets there past the parts that lie over it."""
        self.part = np.zeros((height, width), dtype=np.uint8)
        """What of the figure is seen there."""

    def add(self, part: Mould, root: Root | None, unit: float, name: int = 0) -> None:
        reach = max(int(0.02 * unit), 2)
        wide = self._around(part, reach)
        beyond = _beyond(root, wide, unit) if root else np.ones_like(self.cover[wide])
        own = part.window
        inner = tuple(slice(o.start - w.start, o.stop - w.start) for o, w in zip(own, wide, strict=True))
        shade = _blurred(part.cover, inner, beyond.shape, reach) * self.cover[wide] * beyond
        shade[inner] *= 1 - part.cover
        self.open[wide] *= 1 - SHADE * shade
        cover = part.cover * (1 - self.cover[own] * (1 - beyond[inner]))
        self.normal[own] += (part.normal - self.normal[own]) * cover[..., None]
        self.open[own] += (1 - self.open[own]) * cover
        np.maximum(self.cover[own], part.cover, out=self.cover[own])
        self.part[own][cover > 0.5] = name

    def hollow(self, place: Place, radius: float, depth: float) -> None:
        """A soft dent that only light tells of."""
        left, top = (max(int(v - 3 * radius), 0) for v in place)
        window = (
            slice(top, max(int(place[1] + 3 * radius), top)),
            slice(left, max(int(place[0] + 3 * radius), left)),
        )
        rows, columns = np.mgrid[window].astype(np.float32)
        bell = np.exp(-((columns - place[0]) ** 2 + ((rows - place[1]) * 1.4) ** 2) / (2 * radius**2))
        self.open[window] *= 1 - depth * bell[: self.open[window].shape[0], : self.open[window].shape[1]]

    def _around(self, part: Mould, reach: int) -> tuple[slice, slice]:
        rows, columns = part.window
        height, width = self.cover.shape
        return (
            slice(max(rows.start - reach, 0), min(rows.stop + reach, height)),
            slice(max(columns.start - reach, 0), min(columns.stop + reach, width)),
        )


def _beyond(root: Root, window: tuple[slice, slice], unit: float) -> Pixels:
    """0 on the side the limb comes from, 1 on its way, smooth across its root."""
    rows, columns = window
    y = np.arange(rows.start, rows.stop, dtype=np.float32)[:, None] - np.float32(root.place[1])
    x = np.arange(columns.start, columns.stop, dtype=np.float32)[None, :] - np.float32(root.place[0])
    along = (x * np.float32(root.way[0]) + y * np.float32(root.way[1])) / np.float32(unit)
    rise = np.clip((along + 0.03) / 0.06, 0, 1)
    return np.asarray(rise * rise * (3 - 2 * rise), dtype=np.float32)


def _blurred(cover: Pixels, inner: tuple[slice, ...], shape: tuple[int, ...], reach: int) -> Pixels:
    mask = np.zeros(shape, dtype=np.uint8)
    mask[inner] = cover * 255
    soft = np.asarray(Image.fromarray(mask).filter(ImageFilter.BoxBlur(reach * 0.7)))
    return soft.astype(np.float32) * np.float32(1 / 255)
