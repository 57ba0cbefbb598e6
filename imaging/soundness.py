"""What is wrong with a figure that its joints alone do not show: floating feet, arms in the body, the frame.

Each finding begins with the name of the part.
"""

from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from imaging.joints import SIDES
from imaging.skeleton import contact_heights
from imaging.vectors import Vector
from schema.pose import JOINTS, Keypoints

GROUND_TOLERANCE = 0.02
MARGIN = 0.03
TRUNK_RADIUS = 0.055
ARM_RADIUS = 0.02
SINK_TOLERANCE = 0.03
"""Flesh gives way a little where an arm lies on the body."""


def faults(points: Mapping[str, Vector], stands_on: Iterable[str]) -> Iterator[str]:
    heights = contact_heights(points)
    for part in stands_on:
        if heights[part] > GROUND_TOLERANCE:
            yield f"{part}: should rest on the floor but is {heights[part]:.3f} body heights above it"
    yield from _arms_in_trunk(points)


def out_of_frame(keypoints: Keypoints) -> Iterator[str]:
    for name, point in zip(JOINTS, keypoints, strict=True):
        if point is not None and not all(MARGIN <= value <= 1 - MARGIN for value in point):
            yield f"{name}: is outside the frame at {point[0]:.2f}, {point[1]:.2f}"


def _arms_in_trunk(points: Mapping[str, Vector]) -> Iterator[str]:
    """The trunk is a column on each side, from below the shoulder to the hip."""
    spine = points["neck"] - points["pelvis"]
    for side in SIDES:
        for column in SIDES:
            top = points["neck"] - 0.2 * spine + 0.4 * (points[f"{column}_shoulder"] - points["neck"])
            bottom = points["pelvis"] + 0.6 * (points[f"{column}_hip"] - points["pelvis"])
            gap = _distance(points[f"{side}_elbow"], points[f"{side}_palm"], top, bottom)
            if gap < TRUNK_RADIUS + ARM_RADIUS - SINK_TOLERANCE:
                yield f"{side}_elbow: the forearm goes through the body ({gap:.3f} from its core)"
                break


def _distance(a: Vector, b: Vector, c: Vector, d: Vector) -> float:
    """Least distance of two stretches, near enough by sampling one of them."""
    places = a + np.linspace(0, 1, 25)[:, None] * (b - a)
    way = d - c
    share = np.clip((places - c) @ way / float(way @ way), 0, 1)
    return float(np.linalg.norm(places - (c + share[:, None] * way), axis=1).min())
