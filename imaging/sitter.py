"""Who sits for the picture: 18 keypoints in pixels, with what follows from them.

A picture has no depth, so which limb is nearer is read from the face, the knees and the feet; what is
missing is guessed only where that is safe.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from imaging.clay import Place
from schema.pose import JOINTS, Keypoints

Side = Literal["left", "right"]
SIDES: tuple[Side, Side] = ("left", "right")
OTHER: dict[Side, Side] = {"left": "right", "right": "left"}

BONES = (
    ("neck", "left_hip", 0.29), ("neck", "right_hip", 0.29), ("left_hip", "left_knee", 0.245),
    ("right_hip", "right_knee", 0.245), ("left_knee", "left_ankle", 0.246),
    ("right_knee", "right_ankle", 0.246),
    ("left_shoulder", "left_elbow", 0.18), ("right_shoulder", "right_elbow", 0.18),
    ("left_elbow", "left_wrist", 0.148), ("right_elbow", "right_wrist", 0.148),
    ("left_shoulder", "right_shoulder", 0.224), ("left_ear", "right_ear", 0.088), ("nose", "neck", 0.095),
)  # fmt: skip
"""Lengths as fractions of the standing height; seen at a slant they only shrink."""


@dataclass(frozen=True)
class Sitter:
    """The keypoints in pixels, by name, with what follows from them."""

    at: dict[str, Place]
    unit: float
    """The standing height in pixels."""
    across: float
    """1 seen from the front, 0 in profile, -1 from behind."""
    facing: float
    """-1 looks to the picture's left, 1 to its right."""

    @property
    def near(self) -> Side:
        return "right" if self.facing > 0 else "left"

    @property
    def arm_behind(self) -> bool:
        """The far upper arm is beyond the trunk."""
        return abs(self.facing) > 0.5

    @property
    def leg_behind(self) -> bool:
        return abs(self.facing) > 0.85

    @property
    def near_leg(self) -> Side:
        """From the front, the one whose foot is lower in the picture: a camera looks a little down."""
        left, right = self.sided("left", "ankle"), self.sided("right", "ankle")
        if self.leg_behind or left is None or right is None or abs(left[1] - right[1]) < 0.025 * self.unit:
            return self.near
        return "left" if left[1] > right[1] else "right"

    def sided(self, side: Side, joint: str) -> Place | None:
        return self.at.get(f"{side}_{joint}")


def sitter(keypoints: Keypoints, width: int, height: int) -> Sitter | None:
    """None when there is too little to tell a size from."""
    at = {
        name: np.array([point[0] * width, point[1] * height])
        for name, point in zip(JOINTS, keypoints, strict=True)
        if point is not None
    }
    sizes = [float(np.linalg.norm(at[a] - at[b])) / share for a, b, share in BONES if a in at and b in at]
    if not sizes:
        return None
    unit = max(float(np.percentile(sizes, 80)), 8.0)
    _infer_trunk(at, unit)
    across = _across(at, unit)
    return Sitter(at, unit, across, _facing(at, unit) * float(np.sqrt(max(1 - across**2, 0))))


def _infer_trunk(at: dict[str, Place], unit: float) -> None:
    """Neck and hips from what is beside them: a trunk is needed to hang the rest on."""
    shoulders = [at[f"{s}_shoulder"] for s in SIDES if f"{s}_shoulder" in at]
    if "neck" not in at and shoulders:
        at["neck"] = np.mean(shoulders, axis=0)
    if "neck" not in at and "nose" in at:
        at["neck"] = at["nose"] + np.array([0, 0.095 * unit])
    hips = [at[f"{s}_hip"] for s in SIDES if f"{s}_hip" in at]
    if hips:
        at["pelvis"] = np.mean(hips, axis=0)
    elif "neck" in at:
        at["pelvis"] = at["neck"] + np.array([0, 0.29 * unit])


def _across(at: dict[str, Place], unit: float) -> float:
    widths = [
        (at[f"left_{joint}"][0] - at[f"right_{joint}"][0]) / (share * unit)
        for joint, share in (("shoulder", 0.215), ("hip", 0.105))
        if f"left_{joint}" in at and f"right_{joint}" in at
    ]
    return float(np.clip(np.mean(widths), -1, 1)) if widths else 1.0


def _facing(at: dict[str, Place], unit: float) -> float:
    """Noses point ahead, knees bend ahead, elbows bend back."""
    hints = 0.0
    ears = [at[name] for name in ("left_ear", "right_ear") if name in at]
    if ears and "nose" in at:
        hints += 2.0 * float(at["nose"][0] - np.mean(ears, axis=0)[0]) / (0.06 * unit)
    for ends, weight in ((("hip", "knee", "ankle"), 1.0), (("shoulder", "elbow", "wrist"), -0.7)):
        for side in SIDES:
            joints = [at.get(f"{side}_{joint}") for joint in ends]
            if all(joint is not None for joint in joints):
                first, middle, last = (joint for joint in joints if joint is not None)
                hints += weight * float(middle[0] - (first[0] + last[0]) / 2) / (0.1 * unit)
    return 1.0 if hints >= 0 else -1.0


def skull(who: Sitter) -> Place | None:
    """Between the ears; with one ear as far from it as the eyes say the head is turned."""
    at, u = who.at, who.unit
    ears = [at[name] for name in ("left_ear", "right_ear") if name in at]
    if len(ears) == 2:
        return np.asarray((ears[0] + ears[1]) / 2)
    if ears and "nose" in at:
        eyes = [at[name] for name in ("left_eye", "right_eye") if name in at]
        frontal = float(np.linalg.norm(eyes[0] - eyes[1])) / (0.038 * u) if len(eyes) == 2 else 0.0
        way = at["nose"] - ears[0]
        return np.asarray(
            ears[0] + way / max(float(np.linalg.norm(way)), 1e-6) * 0.044 * u * min(frontal, 1.0)
        )
    if "nose" in at:
        return np.asarray(at["nose"] - np.array([0, 0.008 * u]))
    if ears:
        return ears[0]
    return np.asarray(at["neck"] - np.array([0, 0.11 * u])) if "neck" in at else None
