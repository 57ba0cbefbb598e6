"""A skeleton in words, for image services that cannot be shown one: where it faces, its arms, its legs.

Said is only what is plain to see. Distances are in torsos, from the neck to the middle of the hips.
"""

import math
from collections.abc import Callable, Iterator
from typing import Final

from schema.pose import JOINTS, Keypoints, Point

BENT: Final = 140
"""Degrees at a joint; from here to straight nobody would call it bent."""


class Figure:
    def __init__(self, points: Keypoints) -> None:
        self._points = dict(zip(JOINTS, points, strict=True))
        hips = self.at("right_hip"), self.at("left_hip")
        self.middle = (hips[0][0] + hips[1][0]) / 2, (hips[0][1] + hips[1][1]) / 2
        self.torso = math.dist(self.at("neck"), self.middle)

    def sees(self, joint: str) -> bool:
        return self._points[joint] is not None

    def at(self, joint: str) -> Point:
        """Raise LookupError where it cannot be seen."""
        point = self._points[joint]
        if point is None:
            raise LookupError(joint)
        return point

    def apart(self, one: str, other: str) -> Point:
        """How far `other` is from `one`, rightwards and downwards in the picture."""
        (x, y), (other_x, other_y) = self.at(one), self.at(other)
        return (other_x - x) / self.torso, (other_y - y) / self.torso

    def distance(self, one: str, other: str) -> float:
        return math.hypot(*self.apart(one, other))


def words(points: Keypoints) -> str:
    """Nothing where hardly anything can be seen."""
    try:
        figure = Figure(points)
    except LookupError:
        return ""
    told = (_view, _arms, _knees, _feet)
    return ", ".join(said for tell in told for said in _plain(tell, figure)) if figure.torso else ""


def _plain(tell: Callable[[Figure], Iterator[str]], figure: Figure) -> list[str]:
    try:
        return list(tell(figure))
    except LookupError:
        return []


def _view(figure: Figure) -> Iterator[str]:
    width, _ = figure.apart("right_shoulder", "left_shoulder")
    if width < 0 or not figure.sees("nose"):
        yield "seen from behind"
    elif width < 0.25:
        yield "seen from the side"
    else:
        yield "facing the camera" if width > 0.55 else "turned half to the camera"


def _arms(figure: Figure) -> Iterator[str]:
    yield from _of_both("arm", _arm(figure, "right"), _arm(figure, "left"))


def _arm(figure: Figure, side: str) -> str:
    shoulder, elbow, wrist, hip = (f"{side}_{joint}" for joint in ("shoulder", "elbow", "wrist", "hip"))
    reach_x, reach_y = figure.apart(shoulder, wrist)
    if figure.sees("nose") and figure.distance("nose", wrist) < 0.4:
        return "bent with the hand at the face"
    if reach_y < -0.3:
        return "raised above the head" if figure.apart("nose", wrist)[1] < -0.2 else "raised"
    if abs(reach_x) > 0.6 and abs(reach_y) < 0.3:
        return "stretched out"
    bent = _degrees(figure, shoulder, elbow, wrist) < BENT
    if bent and figure.distance(hip, wrist) < 0.55 and abs(figure.apart(shoulder, elbow)[0]) > 0.3:
        return "bent with the hand on the hip"
    if reach_y > 0.75:
        return "hanging down"
    across = reach_x * figure.apart("neck", shoulder)[0] < 0
    return ("bent across the body" if across else "bent") if bent else ""


def _knees(figure: Figure) -> Iterator[str]:
    yield from _of_both("knee", _knee(figure, "right"), _knee(figure, "left"))


def _knee(figure: Figure, side: str) -> str:
    return "bent" if _degrees(figure, f"{side}_hip", f"{side}_knee", f"{side}_ankle") < BENT else ""


def _degrees(figure: Figure, one: str, joint: str, other: str) -> float:
    """Of the angle at the joint."""
    (x, y), (other_x, other_y) = figure.apart(joint, one), figure.apart(joint, other)
    turn = math.atan2(y, x) - math.atan2(other_y, other_x)
    return abs(math.degrees(math.remainder(turn, math.tau)))


def _feet(figure: Figure) -> Iterator[str]:
    if abs(figure.apart("right_ankle", "left_ankle")[0]) > 1:
        yield "legs wide apart"


def _of_both(limb: str, right: str, left: str) -> Iterator[str]:
    if right == left:
        yield from [f"both {limb}s {right}"] if right else []
        return
    yield from (f"{side} {limb} {told}" for side, told in (("right", right), ("left", left)) if told)
