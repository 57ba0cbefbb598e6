"""Poses that come as keypoints from elsewhere: brought into the library's square frame, or refused.

Every finding names the joint, so whoever drew the pose knows what to mend. What passes can be drawn.
"""

from collections.abc import Iterator, Sequence
from math import dist, isfinite
from typing import Final, NamedTuple

import numpy as np

from imaging.sitter import BONES
from schema.pose import JOINTS, Keypoints, Point

REQUIRED: Final = ("neck", "left_shoulder", "right_shoulder", "left_hip", "right_hip")
LEAST_JOINTS = 8
LEAST_SIZE = 0.2
"""Of the frame, that the figure's longer side takes."""
LEAST_WIDTH = 0.02
SAME_SPOT = 0.005
MOST_AT_ONE_SPOT = 3
"""In profile the neck and both shoulders may fall together; no fourth joint does."""
LONGEST_BONE = 2.5
"""Times what fits the rest of the figure; in the shipped poses none is above 1.4."""
BODY_25 = 25


class Finding(NamedTuple):
    part: str
    """A joint, or `figure` for the whole."""
    fault: str

    def __str__(self) -> str:
        return f"{self.part}: {self.fault}"


class BadPose(ValueError):
    def __init__(self, found: Sequence[Finding]) -> None:
        super().__init__("; ".join(map(str, found)))
        self.found = found


def from_openpose(flat: Sequence[float], width: int, height: int, *, score_limit: float) -> Keypoints:
    """`flat` is x, y, score in pixels of the canvas, joint after joint; the canvas is centred in a square."""
    if len(flat) != 3 * len(JOINTS):
        raise BadPose([Finding("figure", _wrong_count(len(flat)))])
    rows = list(zip(JOINTS, flat[0::3], flat[1::3], flat[2::3], strict=True))
    found = [
        finding for name, *values in rows if (finding := _wrong(name, values, width, height, score_limit))
    ]
    if found:
        raise BadPose(found)
    side = max(width, height)
    points = [
        ((x + (side - width) / 2) / side, (y + (side - height) / 2) / side)
        if _seen(score, score_limit)
        else None
        for _, x, y, score in rows
    ]
    return checked(points)


def checked(points: Sequence[Point | None]) -> Keypoints:
    """The same, rounded as the library has them and with the neck where it follows from the shoulders."""
    if len(points) != len(JOINTS):
        raise BadPose([Finding("figure", f"has {len(points)} joints; {len(JOINTS)} are wanted")])
    named = {name: point for name, point in zip(JOINTS, points, strict=True) if point is not None}
    found = [Finding(name, "is not a finite number") for name, point in named.items() if not _finite(point)]
    if found:
        raise BadPose(found)
    _infer_neck(named)
    found = list(_unsound(named))
    if found:
        raise BadPose(found)
    return tuple(_rounded(named[name]) if name in named else None for name in JOINTS)


def _wrong_count(numbers: int) -> str:
    hint = " (this is BODY_25: ask OpenPose for the COCO model)" if numbers == 3 * BODY_25 else ""
    return (
        f"has {numbers} numbers{hint}; {3 * len(JOINTS)} are wanted: x, y and score of {len(JOINTS)} joints"
    )


def _wrong(name: str, values: Sequence[float], width: int, height: int, score_limit: float) -> Finding | None:
    x, y, score = values
    if not _finite(values):
        return Finding(name, "is not a finite number")
    if score < 0:
        return Finding(name, f"has a score of {score:g}, below 0")
    if _seen(score, score_limit) and not (0 <= x <= width and 0 <= y <= height):
        return Finding(name, f"is outside the canvas of {width}x{height} at {x:g}, {y:g}")
    return None


def _seen(score: float, score_limit: float) -> bool:
    return score > 0 and score >= score_limit


def _finite(values: Sequence[float]) -> bool:
    return all(map(isfinite, values))


def _infer_neck(named: dict[str, Point]) -> None:
    left, right = named.get("left_shoulder"), named.get("right_shoulder")
    if "neck" not in named and left and right:
        named["neck"] = (left[0] + right[0]) / 2, (left[1] + right[1]) / 2


def _unsound(named: dict[str, Point]) -> Iterator[Finding]:
    """What makes it no figure; the rest is looked at only once the trunk is there."""
    missing = [Finding(name, "is missing; a pose needs it") for name in REQUIRED if name not in named]
    yield from missing
    if len(named) < LEAST_JOINTS:
        yield Finding("figure", f"has {len(named)} joints; at least {LEAST_JOINTS} are needed")
    elif not missing:
        yield from _too_small(named)
        yield from _stacked(named)
        yield from _overlong(named)


def _too_small(named: dict[str, Point]) -> Iterator[Finding]:
    places = np.array(list(named.values()))
    short, long = sorted(float(side) for side in np.ptp(places, axis=0))
    if long < LEAST_SIZE:
        yield Finding("figure", f"takes {long:.0%} of the frame; at least {LEAST_SIZE:.0%} are needed")
    elif short < LEAST_WIDTH:
        yield Finding("figure", "is a line")


def _stacked(named: dict[str, Point]) -> Iterator[Finding]:
    for name, point in named.items():
        others = [other for other in named if other != name and dist(point, named[other]) < SAME_SPOT]
        if len(others) >= MOST_AT_ONE_SPOT:
            yield Finding(name, f"lies on {', '.join(others)}")


def _overlong(named: dict[str, Point]) -> Iterator[Finding]:
    lengths = {(a, b): dist(named[a], named[b]) / share for a, b, share in BONES if a in named and b in named}
    usual = float(np.median(list(lengths.values())))
    for (a, b), length in lengths.items():
        if length > LONGEST_BONE * usual:
            near, far = (b, a) if b in REQUIRED and a not in REQUIRED else (a, b)
            yield Finding(far, f"is {length / usual:.1f} times as far from {near} as fits the rest")


def _rounded(point: Point) -> Point:
    return round(point[0], 4), round(point[1], 4)
