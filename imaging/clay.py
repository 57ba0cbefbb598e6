"""Soft round shapes from bones: tapered rods, merged smoothly and lit.

Each bone is a signed distance; a smooth union of them gives outline and surface at once, so joints have no
seams.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.float32]
Place = NDArray[np.float64]
"""x to the right, y down, in pixels."""

STEEPEST = 0.985
"""How far a surface turns away at its outline; flat on would make the edge black."""


class Bone(NamedTuple):
    """A rod with its radius at the start, in the middle and at the end; between them a parabola."""

    start: Place
    end: Place
    radii: tuple[float, float, float]


@dataclass(frozen=True)
class Mould:
    """A part as pixels: where its box begins, how much it covers, and which way its surface faces."""

    left: int
    top: int
    cover: Pixels
    normal: Pixels

    @property
    def window(self) -> tuple[slice, slice]:
        height, width = self.cover.shape
        return slice(self.top, self.top + height), slice(self.left, self.left + width)


def mould(bones: Sequence[Bone], soft: float, width: int, height: int) -> Mould | None:
    """None when nothing of it is in the picture; `soft` is how far bones flow into each other, in pixels."""
    left, top, right, bottom = _box(bones, soft, width, height)
    if right <= left or bottom <= top:
        return None
    weight = np.full((bottom - top, right - left), 1e-12, dtype=np.float32)
    normal = np.zeros((bottom - top, right - left, 3), dtype=np.float32)
    for bone in bones:
        x0, y0, x1, y1 = _box([bone], soft, width, height)
        if x1 <= x0 or y1 <= y0:
            continue
        distance, facing = _surface(bone, x0, y0, x1, y1)
        share = np.exp(np.clip(distance / -soft, -30, 30))
        inside = (slice(y0 - top, y1 - top), slice(x0 - left, x1 - left))
        weight[inside] += share
        normal[inside] += facing * share[..., None]
    cover = np.clip(0.5 + soft * np.log(weight), 0, 1).astype(np.float32)
    normal /= np.maximum(np.linalg.norm(normal, axis=2, keepdims=True), 1e-6)
    return Mould(left, top, cover, normal)


def _box(bones: Sequence[Bone], soft: float, width: int, height: int) -> tuple[int, int, int, int]:
    points = np.array([place for bone in bones for place in (bone.start, bone.end)])
    room = np.array([[max(bone.radii)] for bone in bones for _ in range(2)]) + 2 * soft + 2
    low, high = np.floor((points - room).min(axis=0)), np.ceil((points + room).max(axis=0)) + 1
    (left, top), (right, bottom) = np.clip([low, high], 0, [width, height]).astype(int)
    return int(left), int(top), int(right), int(bottom)


def _surface(bone: Bone, x0: int, y0: int, x1: int, y1: int) -> tuple[Pixels, Pixels]:
    """Signed distance to the bone's skin, and the normal there as of a swept ball."""
    x = np.arange(x0, x1, dtype=np.float32)[None, :] + np.float32(0.5 - bone.start[0])
    y = np.arange(y0, y1, dtype=np.float32)[:, None] + np.float32(0.5 - bone.start[1])
    way = (bone.end - bone.start).astype(np.float32)
    along = np.clip((x * way[0] + y * way[1]) / max(float(way @ way), 1e-6), 0, 1)
    first, middle, last = bone.radii
    radius = first + along * (4 * middle - 3 * first - last + along * 2 * (first + last - 2 * middle))
    aside_x, aside_y = x - along * way[0], y - along * way[1]
    away = np.sqrt(aside_x**2 + aside_y**2)
    flat = np.minimum(1 / radius, STEEPEST / np.maximum(away, 1e-6))
    normal_x, normal_y = aside_x * flat, aside_y * flat
    depth = np.sqrt(np.maximum(1 - normal_x**2 - normal_y**2, 0))
    return away - radius, np.stack([normal_x, normal_y, depth], axis=2)
