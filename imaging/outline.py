"""How far poses are from each other: the shape of the figure, whatever its size, place and side.

Distances are mean distances of the joints, in sizes of the figure: poses 0.03 apart can hardly be told from
each other, 0.3 apart they have little in common.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from schema.pose import JOINTS, Keypoints

Outlines = NDArray[np.float32]
"""Poses x joints x (x, y); a joint that cannot be seen is not a number."""

SEEN_IN_ONE = 0.25
"""What a joint counts that only one of the two poses shows."""
UNLIKE = 1.0
"""Of poses that show no joint in common."""
MIRRORED = [
    JOINTS.index(name.replace("left", "L").replace("right", "left").replace("L", "right")) for name in JOINTS
]
TO_THE_OTHER_SIDE = np.array([-1, 1], np.float32)


def outlines(poses: Sequence[Keypoints]) -> Outlines:
    """Each centred and of one size."""
    points = np.array([[point or (np.nan, np.nan) for point in pose] for pose in poses], np.float32)
    points = points.reshape(-1, len(JOINTS), 2)
    least, most = np.fmin.reduce(points, axis=1), np.fmax.reduce(points, axis=1)
    centred = points - ((least + most) / 2)[:, None]
    size = (most - least).max(axis=1) / 2
    return np.asarray(centred / np.where(size > 0, size, 1)[:, None, None], np.float32)


def distances(one: Outlines, others: Outlines) -> NDArray[np.float32]:
    """From one pose (joints x 2) to each of the others, or to its mirror image if that is nearer."""
    return np.minimum(_apart(one, others), _apart(one[MIRRORED] * TO_THE_OTHER_SIDE, others))


def _apart(one: Outlines, others: Outlines) -> NDArray[np.float32]:
    steps = np.hypot(others[..., 0] - one[:, 0], others[..., 1] - one[:, 1])
    seen, seen_too = ~np.isnan(one[:, 0]), ~np.isnan(others[..., 0])
    either, both = seen | seen_too, seen & seen_too
    total = np.where(both, steps, np.where(either, SEEN_IN_ONE, 0)).sum(axis=1)
    mean = total / np.maximum(either.sum(axis=1), 1)
    return np.asarray(np.where(both.any(axis=1), mean, UNLIKE), np.float32)
