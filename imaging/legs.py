"""Places a leg below the pelvis, from its angles or from where its foot goes."""

import numpy as np

from imaging import anatomy
from imaging.body import Body, Side, at, landmark, naming, offset, on
from imaging.joints import Ankle, FootReach, Hip, Knee
from imaging.posture import Posture
from imaging.reach import solve, swing
from imaging.vectors import Matrix, Segment, Vector, about, bent, vec

STRAIGHTEST = 0.9965
"""A standing leg is never locked quite straight."""
UP = vec(0, 1, 0)


def foot_of(posture: Posture, side: Side) -> FootReach | None:
    """A leg of which nothing is said stands on the floor."""
    said = [getattr(posture, f"{side}_{joint}") for joint in ("foot", "hip", "knee", "ankle")]
    foot: FootReach | None = said[0]
    return foot or (None if any(said) else FootReach())


def stands(foot: FootReach | None) -> bool:
    return foot is not None and foot.to is None and foot.up <= 0


def facing(posture: Posture) -> Matrix:
    """The way the figure looks, upright."""
    return bent(turn=posture.body.turn)


def height_on(foot: FootReach, side: Side, pelvis: Segment, ahead: Matrix) -> float:
    """How high the pelvis may be for this foot to stand on the floor; the pelvis is given at height 0."""
    hip = pelvis.at(at(side, anatomy.PELVIS_TO_HIP))
    away = _on_floor(foot, side, pelvis, ahead) - hip
    span = (anatomy.THIGH + anatomy.SHANK) * STRAIGHTEST
    rise = np.sqrt(max(span**2 - float(away[0] ** 2 + away[2] ** 2), 0.01))
    return float(anatomy.ANKLE_HEIGHT + foot.heel + rise - hip[1])


def place_leg(body: Body, side: Side) -> None:
    reach = foot_of(body.posture, side)
    hip = getattr(body.posture, f"{side}_hip") or Hip()
    knee = getattr(body.posture, f"{side}_knee") or Knee()
    if reach:
        with naming(f"{side}_foot"):
            hip, knee = _reached(body, side, reach)
    turned = swing(hip.lift, hip.toward) @ about(UP, hip.turn_out)
    thigh = body.segments["pelvis"].child(at(side, anatomy.PELVIS_TO_HIP), on(side, turned))
    shank = thigh.child(vec(0, -anatomy.THIGH, 0), about(vec(1, 0, 0), knee.bend))
    ankle = shank.at(vec(0, -anatomy.SHANK, 0))
    body.segments |= {f"{side}_thigh": thigh, f"{side}_shank": shank}
    body.points |= {f"{side}_hip": thigh.origin, f"{side}_knee": shank.origin, f"{side}_ankle": ankle}
    sole = _sole(body, side, reach, shank)
    body.points |= {
        f"{side}_heel": ankle + sole @ vec(0, -anatomy.ANKLE_HEIGHT, -anatomy.HEEL),
        f"{side}_toe": ankle + sole @ vec(0, -anatomy.ANKLE_HEIGHT, anatomy.FOOT),
    }


def _reached(body: Body, side: Side, reach: FootReach) -> tuple[Hip, Knee]:
    pelvis = body.segments["pelvis"]
    goal = _goal(body, side, reach)
    away = at(side, pelvis.axes.T @ (goal - pelvis.at(at(side, anatomy.PELVIS_TO_HIP))))
    ahead = facing(body.posture) @ at(side, about(UP, reach.turn_out) @ vec(0, 0.2, 1))
    pole = at(side, pelvis.axes.T @ ahead)
    angles = solve(away, anatomy.THIGH, anatomy.SHANK, pole, turn=-reach.knee, folds_forward=False)
    return Hip(lift=angles.lift, toward=angles.toward, turn_out=-angles.twist), Knee(bend=angles.bend)


def _goal(body: Body, side: Side, reach: FootReach) -> Vector:
    if reach.to is None:
        return _on_floor(reach, side, body.segments["pelvis"], facing(body.posture))
    place, part = landmark(body, reach.to, side)
    return place + part.axes @ offset(reach, side)


def _on_floor(foot: FootReach, side: Side, pelvis: Segment, ahead: Matrix) -> Vector:
    """Beside and before the pelvis as the figure faces, however the pelvis is tilted."""
    place = at(side, vec(foot.out, 0, foot.forward))
    return pelvis.origin * vec(1, 0, 1) + ahead @ place + UP * (anatomy.ANKLE_HEIGHT + foot.heel + foot.up)


def _sole(body: Body, side: Side, reach: FootReach | None, shank: Segment) -> Matrix:
    """Flat on the floor, or up on the toes, where the foot stands; else hanging from the ankle."""
    ankle: Ankle | None = getattr(body.posture, f"{side}_ankle")
    standing = stands(reach) if reach else f"{side}_foot" in body.posture.stands_on
    if ankle or not standing:
        return shank.axes @ about(vec(1, 0, 0), (ankle or Ankle()).point)
    if reach is None:
        ahead = shank.axes @ vec(0, 0, 1)
        return about(UP, float(np.degrees(np.arctan2(ahead[0], ahead[2]))))
    heading = facing(body.posture) @ on(side, about(UP, reach.turn_out))
    return heading @ about(vec(1, 0, 0), _tiptoe(reach.heel))


def _tiptoe(heel: float) -> float:
    """How far a foot is pitched whose ankle is `heel` higher and whose toes stay on the floor."""
    length = np.hypot(anatomy.ANKLE_HEIGHT, anatomy.FOOT)
    flat = np.arctan2(anatomy.ANKLE_HEIGHT, anatomy.FOOT)
    return float(np.degrees(np.arcsin(min((anatomy.ANKLE_HEIGHT + heel) / length, 1)) - flat))
