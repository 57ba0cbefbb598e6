"""Photographs the figure: from points in space to the 18 keypoints of a picture.

The whole body is in the frame with a margin, centred, and what a pose detector would not see is None.
"""

from collections.abc import Mapping

import numpy as np
from pydantic import BaseModel, Field

from imaging.skeleton import Skeleton
from imaging.vectors import Matrix, Vector, about, vec
from schema.pose import JOINTS, Keypoints, Point

DISTANCE = 4.5
"""Of the camera, in body heights: the mild perspective of a portrait lens."""
FILL = 0.86
"""The share of the frame that a standing figure takes."""
CLOSEST = 1.12
"""The frame's share of one body height that a low figure is enlarged to at most."""

FLESH = {"fingers": 0.008, "toe": 0.01, "heel": 0.01, "head_top": 0.005, "chin": 0.04, "pelvis": 0.1}
NORMALS = {
    "nose": (vec(0, 0, 1), -0.12),
    "left_eye": (vec(0.42, 0, 0.91), 0.0),
    "right_eye": (vec(-0.42, 0, 0.91), 0.0),
    "left_ear": (vec(1, 0, 0), -0.32),
    "right_ear": (vec(-1, 0, 0), -0.32),
}
"""Which way a spot of the head looks, and how far it may look away and still be seen."""


class Camera(BaseModel, frozen=True, extra="forbid"):
    """`yaw` 0 is the front, 90 the figure's left side, 180 its back; `pitch` looks down from above."""

    yaw: float = Field(0.0, ge=-180, le=180)
    pitch: float = Field(3.0, ge=-25, le=50)


def photograph(skeleton: Skeleton, camera: Camera, *, aspect: float = 1.0) -> Keypoints:
    """Normalised to a frame of width / height `aspect`."""
    view = about(vec(1, 0, 0), camera.pitch) @ about(vec(0, 1, 0), -camera.yaw)
    flat = _project(skeleton.points, view)
    low, high = _bounds(flat)
    scale = min(FILL / (high[1] - low[1]), FILL * aspect / (high[0] - low[0]), CLOSEST)
    centre = (low + high) / 2
    frame = np.array([scale / aspect, -scale])
    placed = {name: (flat[name] - centre) * frame + 0.5 for name in JOINTS}
    hidden = _hidden(skeleton, view)
    return tuple(None if name in hidden else _point(placed[name]) for name in JOINTS)


def _point(place: Vector) -> Point:
    return round(float(place[0]), 4), round(float(place[1]), 4)


def _project(points: Mapping[str, Vector], view: Matrix) -> dict[str, Vector]:
    middle = (points["head_top"] + points["pelvis"]) / 2
    seen = {name: view @ (point - middle) for name, point in points.items()}
    return {name: p[:2] / (1 - p[2] / DISTANCE) for name, p in seen.items()}


def _bounds(flat: Mapping[str, Vector]) -> tuple[Vector, Vector]:
    """Of the flesh, not only of the bones."""
    places = np.array(list(flat.values()))
    room = np.array([[FLESH.get(name.removeprefix("left_").removeprefix("right_"), 0.025)] for name in flat])
    return (places - room).min(axis=0), (places + room).max(axis=0)


def _hidden(skeleton: Skeleton, view: Matrix) -> set[str]:
    turned = view @ skeleton.face
    behind_head = {name for name, (normal, least) in NORMALS.items() if (turned @ normal)[2] < least}
    return behind_head | _behind_trunk(skeleton.points, view)


def _behind_trunk(points: Mapping[str, Vector], view: Matrix) -> set[str]:
    """Elbows and wrists that the trunk covers wholly: well inside its outline and farther away.

    In profile none are: detectors make out the far arm beside so narrow a trunk.
    """
    seen = {name: view @ point for name, point in points.items()}
    return {
        name
        for name in ("left_elbow", "right_elbow", "left_wrist", "right_wrist")
        if _covered(seen[name], seen["neck"], seen["pelvis"], seen)
    }


def _covered(place: Vector, top: Vector, bottom: Vector, seen: Mapping[str, Vector]) -> bool:
    spine = bottom - top
    along = float((place - top)[:2] @ spine[:2] / max(float(spine[:2] @ spine[:2]), 1e-6))
    if not 0.08 < along < 1.05:
        return False
    nearest = top + spine * along
    half = 0.35 * abs(float(seen["left_shoulder"][0] - seen["right_shoulder"][0])) - 0.005
    return bool(abs(place[0] - nearest[0]) < half and place[2] < nearest[2] - 0.05)
