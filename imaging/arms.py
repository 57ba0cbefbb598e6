"""Places an arm on the chest, from its angles or from where its hand goes."""

import numpy as np

from imaging import anatomy
from imaging.body import Body, Side, at, landmark, naming, offset, on
from imaging.joints import Elbow, HandReach, Shoulder
from imaging.reach import solve, swing
from imaging.vectors import Segment, Vector, about, bent, vec

POLE = vec(0.5, -0.85, -0.12)
"""Where an elbow hangs when nothing is said: down, outward, a little back."""
SCAPULA_SHARE = 0.28
"""How much of a lift beyond 50 degrees the shoulder girdle does; it moves the shoulder point up."""


def place_arm(body: Body, side: Side) -> None:
    reach: HandReach | None = getattr(body.posture, f"{side}_hand")
    shoulder = getattr(body.posture, f"{side}_shoulder") or Shoulder()
    elbow = getattr(body.posture, f"{side}_elbow") or Elbow()
    if reach:
        with naming(f"{side}_hand"):
            shoulder, elbow = _reached(body, side, reach)
    upper = _upper_arm(body, side, shoulder)
    fore = upper.child(vec(0, -anatomy.UPPER_ARM, 0), about(vec(1, 0, 0), -elbow.bend))
    body.segments |= {f"{side}_upper_arm": upper, f"{side}_forearm": fore}
    wrist = anatomy.FOREARM
    body.points |= {
        f"{side}_shoulder": upper.origin,
        f"{side}_elbow": fore.origin,
        f"{side}_wrist": fore.at(vec(0, -wrist, 0)),
        f"{side}_palm": fore.at(vec(0, -wrist - anatomy.PALM, 0)),
        f"{side}_fingers": fore.at(vec(0, -wrist - anatomy.FINGERS, 0)),
    }


def _upper_arm(body: Body, side: Side, shoulder: Shoulder) -> Segment:
    chest = body.segments["chest"]
    raised = about(vec(0, 0, 1), SCAPULA_SHARE * max(shoulder.lift - 50, 0))
    local = anatomy.CHEST_TO_NECK + at(side, anatomy.COLLAR + raised @ anatomy.COLLAR_TO_SHOULDER)
    turned = swing(shoulder.lift, shoulder.toward) @ about(vec(0, 1, 0), -shoulder.turn_in)
    return chest.child(local, on(side, turned))


def _reached(body: Body, side: Side, reach: HandReach) -> tuple[Shoulder, Elbow]:
    """The shoulder point rises with the arm, so the answer is approached in a few rounds."""
    shoulder, elbow = Shoulder(), Elbow()
    for _ in range(4):
        origin = _upper_arm(body, side, shoulder).origin
        away = at(side, body.segments["chest"].axes.T @ (_goal(body, side, reach, origin) - origin))
        length = anatomy.FOREARM + anatomy.PALM
        angles = solve(away, anatomy.UPPER_ARM, length, POLE, turn=reach.elbow, folds_forward=True)
        shoulder = Shoulder(lift=angles.lift, toward=angles.toward, turn_in=angles.twist)
        elbow = Elbow(bend=float(np.round(angles.bend, 6)))
    return shoulder, elbow


def _goal(body: Body, side: Side, reach: HandReach, shoulder: Vector) -> Vector:
    if reach.to == "floor":
        return shoulder * vec(1, 0, 1) + bent(turn=body.posture.body.turn) @ offset(reach, side)
    place, part = landmark(body, reach.to, side) if reach.to else (shoulder, body.segments["chest"])
    return place + part.axes @ offset(reach, side)
