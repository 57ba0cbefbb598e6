"""The flesh of a figure: which bones each part has and how thick they are.

A part that cannot be known is empty.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from imaging.clay import Bone, Place
from imaging.sculpture import Root
from imaging.sitter import SIDES, Side, Sitter, skull

TRUNK = ((0.094, 0.066), (0.068, 0.054), (0.080, 0.064))
"""Half the width and half the depth of chest, waist and hips."""


@dataclass(frozen=True)
class Layer:
    """What is moulded together and painted at once."""

    bones: tuple[Bone, ...] = ()
    soft: float = 0.004
    """How far the bones flow into each other, as a fraction of the standing height."""
    root: Root | None = None
    """Where it grows out of what is already there."""
    hollows: tuple[Place, ...] = ()


def trunk(who: Sitter) -> Layer:
    """Chest, waist and pelvis with the neck and the beginnings of the limbs, all in one piece.

    Not of those behind it: they are covered.
    """
    if "neck" not in who.at:
        return Layer()
    neck, pelvis, u = who.at["neck"], who.at["pelvis"], who.unit
    down = pelvis - neck
    waist = neck + 0.64 * down
    chest, girth, hips = (float(np.hypot(w * who.across, d * who.facing)) for w, d in TRUNK)
    bones = [
        bone(u, neck + 0.25 * down, waist, (chest, 0.62 * chest + 0.38 * girth, girth)),
        bone(u, waist, neck + 0.93 * down, (girth, 0.35 * girth + 0.65 * hips, hips)),
        *(stub for side in SIDES for stub in _stubs(who, side, neck, down)),
    ]
    centre = skull(who)
    if centre is not None:
        bones.append(bone(u, neck + 0.05 * down, neck + 0.75 * (centre - neck), (0.028, 0.0225, 0.0245)))
    return Layer(tuple(bones), soft=0.010)


def _stubs(who: Sitter, side: Side, neck: Place, down: Place) -> Iterator[Bone]:
    """The yoke to the shoulder, and the first third of arm and leg."""
    shoulder, elbow = who.sided(side, "shoulder"), who.sided(side, "elbow")
    hip, knee = who.sided(side, "hip"), who.sided(side, "knee")
    far = side != who.near
    if shoulder is not None:
        yoke = _between(neck, shoulder, 0.82) + 0.03 * down
        yield bone(who.unit, neck - 0.10 * down, yoke, (0.014, 0.024, 0.024))
        if not (far and who.arm_behind):
            end = yoke if elbow is None else _between(shoulder, elbow, 0.4)
            yield bone(who.unit, shoulder, end, (0.026, 0.0285, 0.026))
    if hip is not None and knee is not None and not (far and who.leg_behind):
        yield bone(who.unit, hip, _between(hip, knee, 0.4), (0.050, 0.050, 0.046))


def arm(who: Sitter, side: Side) -> tuple[Layer, Layer]:
    """Upper arm, and forearm with its hand, each empty when it cannot be known."""
    u, shoulder = who.unit, who.sided(side, "shoulder")
    elbow, wrist = who.sided(side, "elbow"), who.sided(side, "wrist")
    if elbow is None and shoulder is not None and wrist is not None:
        elbow = (shoulder + wrist) / 2
    if elbow is None:
        return Layer(), Layer()
    upper = Layer()
    if shoulder is not None:
        upper = Layer((bone(u, shoulder, elbow, (0.026, 0.0285, 0.0215)),), root=root(shoulder, elbow, 0.22))
    if wrist is None:
        return upper, Layer()
    fore = bone(u, elbow, wrist, (0.022, 0.0235, 0.0145))
    return upper, Layer((fore, *_hand(who, side, elbow, wrist)), root=root(elbow, wrist, 0.05))


def hidden_forearm(who: Sitter, side: Side) -> Layer:
    """An elbow without a wrist: the forearm goes behind the trunk."""
    elbow = who.sided(side, "elbow")
    if elbow is None or who.sided(side, "wrist") is not None or "neck" not in who.at:
        return Layer()
    way = who.at["neck"] + 0.85 * (who.at["pelvis"] - who.at["neck"]) - elbow
    length = float(np.linalg.norm(way))
    wrist = elbow + way * min(1, 0.14 * who.unit / max(length, 1e-6))
    return Layer((bone(who.unit, elbow, wrist, (0.022, 0.0235, 0.0145)),))


def _hand(who: Sitter, side: Side, elbow: Place, wrist: Place) -> tuple[Bone, ...]:
    u, way = who.unit, wrist - elbow
    length = float(np.linalg.norm(way))
    ahead = way / max(length, 1e-6) * float(np.clip(length / (0.148 * u), 0.45, 1)) * u
    aside = np.array([ahead[1], -ahead[0]]) * _thumb_side(who, side)
    knuckles = wrist + 0.045 * ahead
    return (
        bone(u, wrist, knuckles, (0.0135, 0.0175, 0.0165)),
        bone(u, knuckles, wrist + 0.092 * ahead, (0.0165, 0.0145, 0.007)),
        bone(
            u,
            wrist + 0.016 * ahead + 0.006 * aside,
            wrist + 0.052 * ahead + 0.026 * aside,
            (0.009, 0.008, 0.0055),
        ),
    )


def _thumb_side(who: Sitter, side: Side) -> float:
    """Thumbs point ahead: towards the middle from the front, along the face in profile."""
    if abs(who.across) < 0.5:
        return float(np.sign(who.facing)) or 1.0
    return (1.0 if who.across > 0 else -1.0) * (-1.0 if side == "left" else 1.0)


def leg(who: Sitter, side: Side) -> Layer:
    u = who.unit
    hip, knee, ankle = (who.sided(side, joint) for joint in ("hip", "knee", "ankle"))
    if knee is None:
        return Layer()
    bones: list[Bone] = []
    if hip is not None:
        bones.append(bone(u, hip, knee, (0.054, 0.049, 0.032)))
    if ankle is not None:
        bones += [bone(u, knee, ankle, (0.032, 0.0335, 0.0175)), *_foot(who, side, knee, ankle)]
    return Layer(tuple(bones), root=None if hip is None else root(hip, knee, 0.22))


def _foot(who: Sitter, side: Side, knee: Place, ankle: Place) -> tuple[Bone, ...]:
    """At right angles to the shank in profile; from the front a short wedge below the ankle, turned out."""
    u, shank = who.unit, ankle - knee
    down = shank / max(float(np.linalg.norm(shank)), 1e-6) * u
    ahead = np.array([down[1], -down[0]]) * who.facing
    out = np.array([down[1], -down[0]]) * (1 if side == "left" else -1) * who.across
    heel = ankle + 0.020 * down - 0.022 * ahead
    toe = ankle + (0.026 + 0.030 * max(who.across, -0.2)) * down + 0.095 * ahead + 0.016 * out
    return (
        bone(u, ankle, heel, (0.0175, 0.018, 0.0175)),
        bone(u, ankle, toe, (0.0165, 0.0215, 0.0135)),
        bone(u, heel, toe, (0.016, 0.0155, 0.013)),
    )


def root(start: Place, end: Place, share: float) -> Root:
    """Somewhat down the limb, where it and what it grows out of have the same thickness."""
    way = end - start
    return Root(start + share * way, way / max(float(np.linalg.norm(way)), 1e-6))


def bone(unit: float, start: Place, end: Place, radii: tuple[float, float, float]) -> Bone:
    """Radii as fractions of the standing height."""
    return Bone(start, end, (radii[0] * unit, radii[1] * unit, radii[2] * unit))


def _between(a: Place, b: Place, share: float) -> Place:
    return a + (b - a) * share
