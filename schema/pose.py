"""The 18 keypoints of OpenPose, shared by the library, the maps, the crops and the provider calls."""

import hashlib
import json
from collections.abc import Sequence
from typing import Annotated, Final

from pydantic import Field

JOINTS: Final = (
    "nose", "neck",
    "right_shoulder", "right_elbow", "right_wrist",
    "left_shoulder", "left_elbow", "left_wrist",
    "right_hip", "right_knee", "right_ankle",
    "left_hip", "left_knee", "left_ankle",
    "right_eye", "left_eye", "right_ear", "left_ear",
)  # fmt: skip

Point = tuple[float, float]
"""x to the right, y down, both 0..1 of the frame's width and height."""

Keypoints = Annotated[tuple[Point | None, ...], Field(min_length=len(JOINTS), max_length=len(JOINTS))]
"""One entry a joint, in the order of JOINTS (the subject's left and right); None where it cannot be seen."""


def keypoints_from(rows: Sequence[Sequence[float] | None]) -> Keypoints:
    """As they are kept in the database."""
    return tuple((point[0], point[1]) if point else None for point in rows)


def digest(keypoints: Keypoints, *drawn_as: object) -> str:
    """Names what is drawn from a pose by all that decides how it looks, so it is known before it is drawn."""
    return hashlib.sha256(json.dumps([keypoints, *drawn_as]).encode()).hexdigest()
