"""Three-dimensional helpers for the figure.

Axes: x to the figure's left, y up, z forward. Lengths are fractions of the standing height, angles degrees.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]

MIRROR: Matrix = np.diag([-1.0, 1.0, 1.0])


def vec(x: float, y: float, z: float) -> Vector:
    return np.array([x, y, z], dtype=np.float64)


def unit(v: Vector) -> Vector:
    return v / max(float(np.linalg.norm(v)), 1e-9)


def about(axis: Vector, degrees: float) -> Matrix:
    """The rotation by the right-hand rule about any axis (Rodrigues)."""
    x, y, z = unit(axis)
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    angle = np.radians(degrees)
    return np.asarray(np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross)


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
