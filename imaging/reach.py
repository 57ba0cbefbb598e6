"""Two-bone inverse kinematics: from where a hand or foot should be to the joint angles that bring it there.

Everything here is seen as a left limb in the frame of the body part it hangs from.
"""

from dataclasses import dataclass

import numpy as np

from imaging.vectors import Matrix, Vector, about, unit, vec

TOLERANCE = 0.004


class OutOfReach(ValueError):
    """The target is farther than the limb is long, too close to fold to, or nowhere."""


@dataclass(frozen=True)
class Angles:
    lift: float
    toward: float
    twist: float
    """Around the upper bone; positive brings the front of the limb inward."""
    bend: float


def swing(lift: float, toward: float) -> Matrix:
    """From hanging straight down to a direction, without any twist."""
    heading = np.radians(toward)
    return about(vec(-np.cos(heading), 0, np.sin(heading)), lift)


def solve(
    target: Vector, upper: float, lower: float, pole: Vector, *, turn: float, folds_forward: bool
) -> Angles:
    """The middle joint points to `pole`, turned by `turn` around the line to the target."""
    distance = float(np.linalg.norm(target))
    if not abs(upper - lower) - TOLERANCE <= distance <= upper + lower + TOLERANCE:
        raise OutOfReach(
            f"is {distance:.2f} body heights away, it must be {abs(upper - lower):.2f} to {upper + lower:.2f}"
        )
    cosine = np.clip((upper**2 + distance**2 - lower**2) / (2 * upper * max(distance, 1e-6)), -1, 1)
    axis = unit(target)
    aside = about(axis, turn) @ unit(pole - axis * float(pole @ axis))
    upper_way = axis * cosine + aside * np.sqrt(1 - cosine**2)
    return _angles(upper_way, unit(target - upper_way * upper), folds_forward=folds_forward)


def _angles(upper_way: Vector, lower_way: Vector, *, folds_forward: bool) -> Angles:
    lift = np.degrees(np.arccos(np.clip(-upper_way[1], -1, 1)))
    toward = np.degrees(np.arctan2(upper_way[0], upper_way[2])) if 0.5 < lift < 179.5 else 0.0
    local = swing(float(lift), float(toward)).T @ lower_way
    bend = float(np.degrees(np.arccos(np.clip(-local[1], -1, 1))))
    front = local if folds_forward else -local
    twist = float(np.degrees(np.arctan2(-front[0], front[2]))) if bend > 1 else 0.0
    return Angles(float(lift), float(toward), twist, bend)
