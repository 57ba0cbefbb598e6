"""Where a body would go through itself: its parts as rods with flesh around them.

Flesh gives way where parts lie on each other, down to half of its thickness; bones never meet.
"""

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from imaging.joints import SIDES
from imaging.vectors import Vector

GIVES_WAY = 0.5
SAMPLES = np.linspace(0, 1, 17)[:, None, None]


class Limb(NamedTuple):
    start: str
    end: str
    radius: float
    joint: str
    """The one to turn when this part is in the wrong place."""
    from_share: float = 0.0
    """Where it begins to be a part of its own: the rest grows out of its neighbour."""


LIMBS = {
    "forearm": Limb("elbow", "wrist", 0.020, "elbow"),
    "hand": Limb("wrist", "palm", 0.014, "elbow"),
    "upper arm": Limb("shoulder", "elbow", 0.024, "shoulder", 0.45),
    "foot": Limb("heel", "toe", 0.018, "ankle"),
    "shank": Limb("knee", "ankle", 0.028, "knee"),
    "thigh": Limb("hip", "knee", 0.045, "hip"),
}
BODY, HEAD = "body", "head"
"""The body is a column on each side, from below the shoulder to the hip."""
RADII = {name: limb.radius for name, limb in LIMBS.items()} | {BODY: 0.070, HEAD: 0.055}

Part = tuple[str, str]
"""A side, and the name; the head has no side."""
PARTS: tuple[Part, ...] = (*((side, name) for name in (*LIMBS, BODY) for side in SIDES), ("", HEAD))
NEIGHBOURS = ({"hand", "forearm"}, {"forearm", "upper arm"}, {"foot", "shank"}, {"shank", "thigh"})
"""Of one side these grow out of each other."""
ALWAYS_TOGETHER = ({"thigh", BODY}, {BODY}, {"hand"})
"""Hips, both halves of the body, and hands, which hold each other."""


def _may_touch(one: Part, other: Part) -> bool:
    names = {one[1], other[1]}
    return names in ALWAYS_TOGETHER or (one[0] == other[0] and names in NEIGHBOURS)


PAIRS = np.array(
    [[i, j] for i, j in combinations(range(len(PARTS)), 2) if not _may_touch(PARTS[i], PARTS[j])]
)
LEAST = GIVES_WAY * np.array([RADII[name] for _, name in PARTS])[PAIRS].sum(axis=1)


def collisions(points: Mapping[str, Vector]) -> Iterator[str]:
    rods = np.array([_rod(points, part) for part in PARTS])
    gaps = _distances(rods[PAIRS[:, 0]], rods[PAIRS[:, 1]])
    deepest: dict[str, float] = {}
    for pair in np.flatnonzero(gaps < LEAST):
        fault = _fault(*(PARTS[place] for place in PAIRS[pair]))
        deepest[fault] = min(gaps[pair], deepest.get(fault, np.inf))
    return (f"{fault} ({gap:.3f} from its core)" for fault, gap in deepest.items())


def _fault(moved: Part, other: Part) -> str:
    side, name = moved
    through = BODY if other[1] == BODY else " ".join(other).strip()
    return f"{side}_{LIMBS[name].joint}: the {name} goes through the {through}"


def _rod(points: Mapping[str, Vector], part: Part) -> tuple[Vector, Vector]:
    side, name = part
    if name == HEAD:
        middle = (points["left_ear"] + points["right_ear"]) / 2
        return middle, middle + 0.25 * (points["head_top"] - points["chin"])
    if name == BODY:
        neck, pelvis = points["neck"], points["pelvis"]
        top = neck - 0.2 * (neck - pelvis) + 0.4 * (points[f"{side}_shoulder"] - neck)
        return top, pelvis + 0.6 * (points[f"{side}_hip"] - pelvis)
    limb = LIMBS[name]
    start, end = points[f"{side}_{limb.start}"], points[f"{side}_{limb.end}"]
    return start + limb.from_share * (end - start), end


def _distances(these: NDArray[np.float64], those: NDArray[np.float64]) -> NDArray[np.float64]:
    """Least distance of each two rods, near enough by sampling one of them."""
    places = these[:, 0] + SAMPLES * (these[:, 1] - these[:, 0])
    start, way = those[:, 0], those[:, 1] - those[:, 0]
    share = np.clip(((places - start) * way).sum(axis=2) / (way * way).sum(axis=1), 0, 1)
    nearest = start + share[..., None] * way
    return np.asarray(np.linalg.norm(places - nearest, axis=2).min(axis=0))
