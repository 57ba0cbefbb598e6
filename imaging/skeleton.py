"""The articulated figure: from a posture to the places of its joints in space, by forward kinematics.

The world's floor is y = 0 and the figure always rests on it with its lowest part. A hand or foot that cannot
get where the posture wants it, or only by an angle that no human joint reaches, is refused by name.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from imaging import anatomy
from imaging.arms import place_arm
from imaging.body import Body, Side
from imaging.joints import SIDES, Reach
from imaging.legs import facing, foot_of, height_on, place_leg, stands
from imaging.posture import Posture
from imaging.vectors import Matrix, Segment, Vector, bent, vec

HIP_HEIGHT = anatomy.ANKLE_HEIGHT + anatomy.SHANK + anatomy.THIGH


@dataclass(frozen=True)
class Skeleton:
    points: Mapping[str, Vector]
    """The 18 keypoints, and also palms, fingers, toes, heels, chin, head_top, pelvis, waist and chest."""
    face: Matrix
    """How the head is turned."""


def build(posture: Posture) -> Skeleton:
    body = Body(posture)
    _trunk(body, _height(posture))
    for side in _in_order(posture, "foot"):
        place_leg(body, side)
    for side in _in_order(posture, "hand"):
        place_arm(body, side)
    points = body.points
    points["neck"] = (points["left_shoulder"] + points["right_shoulder"]) / 2
    floor = vec(0, min(contact_heights(points).values()), 0)
    return Skeleton({name: point - floor for name, point in points.items()}, body.segments["head"].axes)


def contact_heights(points: Mapping[str, Vector]) -> dict[str, float]:
    """How high above the floor each part is that could rest on it, flesh included."""
    heights = {"seat": float(points["pelvis"][1]) - 0.062, "back": float(points["chest"][1]) - 0.07}
    for side in SIDES:
        heights[f"{side}_foot"] = min(float(points[f"{side}_{end}"][1]) for end in ("toe", "heel"))
        heights[f"{side}_knee"] = float(points[f"{side}_knee"][1]) - 0.038
        heights[f"{side}_hand"] = float(points[f"{side}_palm"][1]) - 0.012
    return heights


def _height(posture: Posture) -> float:
    if posture.body.height is not None:
        return posture.body.height
    pelvis = _pelvis(posture, 0.0)
    feet = [(side, foot_of(posture, side)) for side in SIDES]
    allowed = [height_on(foot, side, pelvis, facing(posture)) for side, foot in feet if foot and stands(foot)]
    return min(allowed, default=HIP_HEIGHT)


def _in_order(posture: Posture, end: Literal["hand", "foot"]) -> list[Side]:
    """A limb that goes to the other one comes after it."""

    def follows(side: Side) -> bool:
        reach: Reach | None = getattr(posture, f"{side}_{end}")
        other = "right_" if side == "left" else "left_"
        return bool(
            reach and reach.to and reach.to.removeprefix(other) in anatomy.LIMB_SPOTS and other in reach.to
        )

    return sorted(SIDES, key=follows)


def _pelvis(posture: Posture, height: float) -> Segment:
    root = posture.body
    return Segment(vec(0, height, 0), bent(bend=root.forward, side=root.side, turn=root.turn))


def _trunk(body: Body, height: float) -> None:
    posture, parts = body.posture, body.segments
    waist, chest, head = posture.waist, posture.chest, posture.head
    half = bent(bend=head.nod / 2, side=head.tilt / 2, turn=head.turn / 2)
    bent_waist = bent(bend=waist.bend, side=waist.side, turn=waist.turn)
    bent_chest = bent(bend=chest.bend, side=chest.side, turn=chest.turn)
    parts["pelvis"] = _pelvis(posture, height)
    parts["waist"] = parts["pelvis"].child(anatomy.PELVIS_TO_WAIST, bent_waist)
    parts["chest"] = parts["waist"].child(anatomy.WAIST_TO_CHEST, bent_chest)
    parts["neck"] = parts["chest"].child(anatomy.CHEST_TO_NECK, half)
    parts["head"] = parts["neck"].child(anatomy.NECK_TO_SKULL, half)
    body.points |= {name: parts[name].origin for name in ("pelvis", "waist", "chest")}
    body.points |= {name: parts["head"].at(place) for name, place in anatomy.FACE.items()}
