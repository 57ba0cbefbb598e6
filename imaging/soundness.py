"""What is wrong with a figure that its joints alone do not show: floating feet, limbs in the body, the frame.

Each finding begins with the name of the part.
"""

from collections.abc import Iterable, Iterator, Mapping

from imaging.collisions import collisions
from imaging.skeleton import contact_heights
from imaging.vectors import Vector
from schema.pose import JOINTS, Keypoints

GROUND_TOLERANCE = 0.02
MARGIN = 0.03


def faults(points: Mapping[str, Vector], stands_on: Iterable[str]) -> Iterator[str]:
    heights = contact_heights(points)
    for part in stands_on:
        if heights[part] > GROUND_TOLERANCE:
            yield f"{part}: should rest on the floor but is {heights[part]:.3f} body heights above it"
    yield from collisions(points)


def out_of_frame(keypoints: Keypoints) -> Iterator[str]:
    for name, point in zip(JOINTS, keypoints, strict=True):
        if point is not None and not all(MARGIN <= value <= 1 - MARGIN for value in point):
            yield f"{name}: is outside the frame at {point[0]:.2f}, {point[1]:.2f}"
