"""A posture as a designer writes it: joints by name, what is not named stays relaxed.

`shoulders`, `elbows`, `hands`, `hips`, `knees`, `ankles` and `feet` mean both sides; a side's own entry adds
to them. An arm or leg is given either by its angles or by where its hand or foot goes, never by both.
"""

from typing import Any, Self

from pydantic import model_validator

from imaging.joints import (
    SIDES,
    Ankle,
    Chest,
    Contact,
    Elbow,
    FootReach,
    HandReach,
    Head,
    Hip,
    Joint,
    Knee,
    Root,
    Shoulder,
    Waist,
)

PAIRS = {
    "shoulders": "shoulder", "elbows": "elbow", "hands": "hand",
    "hips": "hip", "knees": "knee", "ankles": "ankle", "feet": "foot",
}  # fmt: skip
LIMBS = (("hand", ("shoulder", "elbow")), ("foot", ("hip", "knee", "ankle")))
"""Each end and the angles that it replaces."""


def spelled_out(raw: dict[str, Any]) -> dict[str, Any]:
    """The same with the words for both sides replaced by one entry a side."""
    single = {name: value for name, value in raw.items() if name not in PAIRS}
    for plural, joint in PAIRS.items():
        for side in SIDES if plural in raw else ():
            name = f"{side}_{joint}"
            single[name] = {**raw[plural], **single.get(name, {})}
    return single


def adapted(base: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    """`base` with some joints given anew; a limb's end drops its angles there, and the other way round."""
    base, change = spelled_out(base), spelled_out(change)
    for side in SIDES:
        for end, angles in LIMBS:
            given, solved = f"{side}_{end}", [f"{side}_{joint}" for joint in angles]
            dropped = solved if given in change else [given] if any(name in change for name in solved) else []
            base = {name: value for name, value in base.items() if name not in dropped}
    return base | change


class Posture(Joint):
    body: Root = Root()
    waist: Waist = Waist()
    chest: Chest = Chest()
    head: Head = Head()
    left_shoulder: Shoulder | None = None
    right_shoulder: Shoulder | None = None
    left_elbow: Elbow | None = None
    right_elbow: Elbow | None = None
    left_hand: HandReach | None = None
    right_hand: HandReach | None = None
    left_hip: Hip | None = None
    right_hip: Hip | None = None
    left_knee: Knee | None = None
    right_knee: Knee | None = None
    left_ankle: Ankle | None = None
    right_ankle: Ankle | None = None
    left_foot: FootReach | None = None
    right_foot: FootReach | None = None
    stands_on: tuple[Contact, ...] = ("left_foot", "right_foot")
    """What touches the floor; empty in the air."""

    @model_validator(mode="before")
    @classmethod
    def _both_sides(cls, raw: Any) -> Any:
        return spelled_out(raw) if isinstance(raw, dict) else raw

    @model_validator(mode="after")
    def _one_way_each(self) -> Self:
        for side in SIDES:
            for end, angles in LIMBS:
                twice = [joint for joint in angles if getattr(self, f"{side}_{joint}") is not None]
                if getattr(self, f"{side}_{end}") is not None and twice:
                    raise ValueError(f"{side}_{end}: give it or {side}_{twice[0]}, not both")
        return self
