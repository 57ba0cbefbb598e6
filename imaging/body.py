"""A figure while it is put together: its parts as frames in space, its joints as points."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

from pydantic import ValidationError

from imaging import anatomy
from imaging.joints import SIDES, Reach
from imaging.posture import Posture
from imaging.reach import OutOfReach
from imaging.vectors import MIRROR, Matrix, Segment, Vector, vec

Side = Literal["left", "right"]


class Impossible(ValueError):
    """No human body does this; the message begins with the joint."""


@dataclass
class Body:
    posture: Posture
    points: dict[str, Vector] = field(default_factory=dict)
    segments: dict[str, Segment] = field(default_factory=dict)


@contextmanager
def naming(joint: str) -> Iterator[None]:
    """Whatever goes wrong inside is told with the joint's name."""
    try:
        yield
    except OutOfReach as error:
        raise Impossible(f"{joint}: {error}") from None
    except ValidationError as error:
        raise Impossible(f"{joint}: {describe(error)}") from None


def describe(error: ValidationError) -> str:
    """Pydantic's findings on one line, each with the path to its joint."""
    return "; ".join(
        f"{'.'.join(str(part) for part in finding['loc'])}: {finding['msg']}".removeprefix(": ")
        for finding in error.errors()
    )


def on(side: Side, turn: Matrix) -> Matrix:
    """A rotation thought out for the left side, on `side`."""
    return turn if side == "left" else MIRROR @ turn @ MIRROR


def at(side: Side, place: Vector) -> Vector:
    return place if side == "left" else MIRROR @ place


def landmark(body: Body, name: str, side: Side) -> tuple[Vector, Segment]:
    """Where a named spot is, and the part whose axes offsets follow; without a side it is the reacher's."""
    owner, spot = next(
        ((s, name.removeprefix(f"{s}_")) for s in SIDES if name.startswith(f"{s}_")), (side, name)
    )
    part = next((part for part, spots in anatomy.LANDMARKS.items() if spot in spots), f"{owner}_{spot}")
    place = anatomy.LANDMARKS.get(part, anatomy.LIMB_LANDMARKS).get(spot)
    if place is not None and part in body.segments:
        return body.segments[part].at(at(owner, place)), body.segments[part]
    if spot in anatomy.LIMB_JOINTS and f"{owner}_{spot}" in body.points:
        trunk = "pelvis" if spot in ("knee", "ankle") else "chest"
        return body.points[f"{owner}_{spot}"], body.segments[trunk]
    raise OutOfReach(f"{name!r} is no landmark, or not placed before the limb that reaches for it")


def offset(reach: Reach, side: Side) -> Vector:
    return at(side, vec(reach.out, reach.up, reach.forward))
