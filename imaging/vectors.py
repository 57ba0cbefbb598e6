"""Three-dimensional helpers for the figure.

Axes: x to the figure's left, y up, z forward. Lengths are fractions of the standing height, angles degrees.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]

MIRROR: Matrix = np.diag([-1.0, 1.0, 1.0])


def vec(x: float, y: float, z: float) -> Vector:
    return np.array([x, y, z], dtype=np.float64)


def unit(v: Vector) -> Vector:
    return v / max(_length(*v.tolist()), 1e-9)


def about(axis: Vector, degrees: float) -> Matrix:
    """The rotation by the right-hand rule about any axis (Rodrigues).

    Written out: the figure is made of thousands of them, and numpy's own steps take longer than the sums.
    """
    x, y, z = axis.tolist()
    length = max(_length(x, y, z), 1e-9)
    x, y, z = x / length, y / length, z / length
    sine, rest = math.sin(math.radians(degrees)), 1 - math.cos(math.radians(degrees))
    return np.array(
        [
            [1 - rest * (y * y + z * z), rest * x * y - sine * z, rest * x * z + sine * y],
            [rest * x * y + sine * z, 1 - rest * (x * x + z * z), rest * y * z - sine * x],
            [rest * x * z - sine * y, rest * y * z + sine * x, 1 - rest * (x * x + y * y)],
        ]
    )


def _length(x: float, y: float, z: float) -> float:
    return math.sqrt(x * x + y * y + z * z)


def bent(*, bend: float = 0, side: float = 0, turn: float = 0) -> Matrix:
    """Bent forward, leaned to the figure's left, turned to its left."""
    return about(vec(0, 1, 0), turn) @ about(vec(0, 0, 1), -side) @ about(vec(1, 0, 0), bend)


@dataclass(frozen=True)
class Segment:
    """A body part: where it starts and how it is turned in the world."""

    origin: Vector
    axes: Matrix

    def at(self, local: Vector) -> Vector:
        return self.origin + self.axes @ local

    def child(self, local: Vector, turn: Matrix) -> "Segment":
        return Segment(self.at(local), self.axes @ turn)
