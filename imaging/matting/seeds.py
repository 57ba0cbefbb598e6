"""Where the figure surely is, and where it may be: by its skeleton, or by what stands out in the middle.

Sizes are in lengths of the torso, which is what clothes and flesh go by.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from imaging.crop import HEAD, UNKNOWN_TORSO, torso_length
from imaging.matting.paper import Paper
from imaging.matting.shapes import Mask, Truth, disc
from imaging.openpose import LIMBS
from schema.errors import BadImage
from schema.pose import JOINTS, Keypoints, Point

Line = tuple[Point, Point]

SURE_LIMB, NEAR_LIMB, SURE_HEAD = 0.095, 0.28, 0.12
ROOM_LIMB, ROOM_HEAD, ROOM_FOOT, ROOM_HAND = 0.7, 0.55, 0.5, 0.42
HAND, FOOT = 0.5, 0.35
"""How far the body goes on beyond the wrist and the ankle, in lengths of the bone before it."""
FLOOR: Final = 0.25
"""How high above the lowest joint its shadow on the floor may be seen."""

LEAST_FIGURE: Final = 0.002
"""Of the picture: anything smaller is a speck."""
ROOM_AROUND, SURE_DEPTH = 0.02, 0.01
BONES: Final = tuple((JOINTS[a], JOINTS[b]) for a, b in LIMBS if not {JOINTS[a], JOINTS[b]} & set(HEAD))
TRUNK: Final = ("right_shoulder", "left_shoulder", "left_hip", "right_hip")
ENDS: Final = tuple(
    (f"{side}_{joint}", f"{side}_{end}", reach)
    for side in ("left", "right")
    for joint, end, reach in (("elbow", "wrist", HAND), ("knee", "ankle", FOOT))
)


@dataclass(frozen=True)
class Seeds:
    core: Mask
    near: Mask
    """What lies close to it: flesh, even where it looks just like the backdrop."""
    room: Mask
    floor: float
    """Rows below it may hold the shadow that the figure casts."""


def of_skeleton(keypoints: Keypoints, width: int, height: int) -> Seeds | None:
    """None when too little of the body is in the picture."""
    at = {
        name: (point[0] * width, point[1] * height)
        for name, point in zip(JOINTS, keypoints, strict=True)
        if point is not None
    }
    bones = [(at[a], at[b]) for a, b in BONES if a in at and b in at]
    if not bones:
        return None
    unit, head = torso_length(at) or UNKNOWN_TORSO * height, _head(at)
    core, near, room = np.zeros((3, height, width), np.uint8)
    _lines(core, bones, SURE_LIMB * unit)
    _lines(near, bones, NEAR_LIMB * unit)
    _fill(core, _shrunk([at[name] for name in TRUNK if name in at]))
    _lines(room, [*bones, *_ends(at)], ROOM_LIMB * unit)
    for name, reach in (("ankle", ROOM_FOOT), ("wrist", ROOM_HAND)):
        _discs(room, [at[joint] for joint in at if joint.endswith(name)], reach * unit)
    if head:
        _discs(core, [head], SURE_HEAD * unit)
        _discs(room, [head], ROOM_HEAD * unit)
    if not core.any():
        return None
    return Seeds(core, near | core, room | core, max(y for _, y in at.values()) - FLOOR * unit)


def of_picture(paper: Paper) -> Seeds:
    """Whatever stands out and is no speck: a seller's picture shows one figure with its things."""
    floor, side = _floor(paper), max(paper.stands_out.shape)
    figure = _things(paper, floor)
    depth = cv2.distanceTransform(figure, cv2.DIST_L2, 3)
    core = np.asarray(depth > min(SURE_DEPTH * side, 0.5 * depth.max()), np.uint8)
    room = np.asarray(cv2.dilate(figure, disc(ROOM_AROUND * side)), np.uint8)
    return Seeds(core, core, room, floor)


def _things(paper: Paper, floor: float) -> Mask:
    height, width = paper.stands_out.shape
    low = np.arange(height)[:, None] > floor
    seen = np.asarray(paper.stands_out & ~(paper.shadow & low), np.uint8)
    opened = cv2.morphologyEx(seen, cv2.MORPH_OPEN, disc(1))
    closed = cv2.morphologyEx(opened, cv2.MORPH_CLOSE, disc(0.01 * max(height, width)))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(closed)
    large = np.flatnonzero(stats[1:, cv2.CC_STAT_AREA] >= LEAST_FIGURE * seen.size) + 1
    if not large.size:
        raise BadImage("There is no figure in this picture that could be cut out.")
    return np.isin(labels, large).astype(np.uint8)


def _floor(paper: Paper) -> float:
    """The figure's lowest fifth, by those parts of it that nothing else can be."""
    rows = np.flatnonzero((paper.stands_out & ~paper.shadow).any(axis=1))
    return float(rows[0] + 0.8 * (rows[-1] - rows[0])) if rows.size else 0.0


def agree(seeds: Seeds, paper: Paper) -> bool:
    """Whether the figure is where the skeleton says: providers that only read words put it elsewhere."""
    seen = paper.stands_out & ~paper.shadow
    on_bones = float(seen[seeds.core > 0].mean())
    inside = float(seen[seeds.room > 0].sum()) / max(float(seen.sum()), 1.0)
    return on_bones > 0.3 or inside > 0.5


def touched(mask: Mask, core: Mask) -> Truth:
    """The connected parts of the mask that the core runs through."""
    _, labels = cv2.connectedComponents(mask)
    parts = np.unique(labels[(core > 0) & (mask > 0)])
    return np.isin(labels, parts[parts > 0])


def _head(at: dict[str, Point]) -> Point | None:
    """Its middle: between the ears, or from the one that is seen a little towards the face."""
    ears = [at[name] for name in ("left_ear", "right_ear") if name in at]
    face = [at[name] for name in ("nose", "left_eye", "right_eye") if name in at]
    if len(ears) == 1 and face:
        return _mean([*ears, _mean([*ears, *face])])
    return _mean(ears or face) if ears or face else None


def _mean(points: list[Point]) -> Point:
    return sum(x for x, _ in points) / len(points), sum(y for _, y in points) / len(points)


def _ends(at: dict[str, Point]) -> Iterable[Line]:
    for joint, end, reach in ENDS:
        if joint in at and end in at:
            (x0, y0), (x1, y1) = at[joint], at[end]
            yield (x1, y1), (x1 + reach * (x1 - x0), y1 + reach * (y1 - y0))


def _lines(mask: Mask, lines: Iterable[Line], thickness: float) -> None:
    for start, end in lines:
        cv2.line(mask, _pixel(start), _pixel(end), 1, max(1, round(thickness)))


def _shrunk(corners: list[Point]) -> list[Point]:
    """A shoulder's joint has nothing of the trunk below it."""
    return [_mean([corner, corner, corner, _mean(corners)]) for corner in corners]


def _fill(mask: Mask, corners: list[Point]) -> None:
    if len(corners) > 2:
        cv2.fillConvexPoly(mask, np.array([_pixel(corner) for corner in corners], np.int32), 1)


def _discs(mask: Mask, centres: Iterable[Point], radius: float) -> None:
    for centre in centres:
        cv2.circle(mask, _pixel(centre), max(1, round(radius)), 1, cv2.FILLED)


def _pixel(place: Point) -> tuple[int, int]:
    return round(place[0]), round(place[1])
