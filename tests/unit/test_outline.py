"""How far poses are from each other does not depend on where, how large and on which side the figure is."""

import numpy as np
import pytest

from imaging.library import load
from imaging.outline import MIRRORED, SEEN_IN_ONE, UNLIKE, distances, outlines
from schema.pose import Keypoints, Point

POSES = {pose.slug: pose.keypoints for pose in load().poses}
CROSSED = POSES["arms-crossed"]
NOTHING: Keypoints = (None,) * 18


def apart(one: Keypoints, other: Keypoints) -> float:
    shapes = outlines([one, other])
    return float(distances(shapes[0], shapes[1:])[0])


def moved(pose: Keypoints, *, scale: float = 1, x: float = 0, y: float = 0) -> Keypoints:
    return tuple((point[0] * scale + x, point[1] * scale + y) if point else None for point in pose)


def mirrored(pose: Keypoints) -> Keypoints:
    points: list[Point | None] = [pose[joint] for joint in MIRRORED]
    return tuple((1 - point[0], point[1]) if point else None for point in points)


def without(pose: Keypoints, *joints: int) -> Keypoints:
    return tuple(None if joint in joints else point for joint, point in enumerate(pose))


def test_size_place_and_side_do_not_count() -> None:
    assert apart(CROSSED, CROSSED) == pytest.approx(0, abs=1e-6)
    assert apart(CROSSED, moved(CROSSED, scale=0.5, x=0.3, y=-0.2)) == pytest.approx(0, abs=1e-5)
    assert apart(CROSSED, mirrored(CROSSED)) == pytest.approx(0, abs=1e-5)


def test_the_distance_is_the_same_both_ways() -> None:
    assert apart(CROSSED, POSES["deep-squat"]) == pytest.approx(apart(POSES["deep-squat"], CROSSED), abs=1e-6)


def test_a_joint_that_one_does_not_show_counts_a_little() -> None:
    seen = sum(point is not None for point in CROSSED)
    assert apart(CROSSED, without(CROSSED, 4)) == pytest.approx(SEEN_IN_ONE / seen, abs=1e-6)
    both_without = without(CROSSED, 4)
    assert apart(both_without, both_without) == pytest.approx(0, abs=1e-6)


def test_poses_without_a_common_joint_are_unlike() -> None:
    top, bottom = without(CROSSED, *range(8, 14)), without(CROSSED, *range(8), *range(14, 18))
    assert apart(top, bottom) == UNLIKE
    assert apart(NOTHING, CROSSED) == UNLIKE
    assert apart(NOTHING, NOTHING) == UNLIKE
    assert np.isfinite(distances(outlines([CROSSED])[0], outlines([NOTHING, top, CROSSED]))).all()


def test_no_poses_have_no_distances() -> None:
    assert distances(outlines([CROSSED])[0], outlines([])).shape == (0,)


def test_what_looks_alike_is_nearer_than_what_does_not() -> None:
    near = apart(CROSSED, POSES["arms-crossed-weight-on-left-leg"])
    assert near < apart(CROSSED, POSES["arms-wide-open"]) < apart(CROSSED, POSES["deep-squat"])
