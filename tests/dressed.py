"""Figures whose true outline is known: dressed, in a studio of the mannequin's or before any other paper."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from imaging import mannequin
from imaging.library import load
from imaging.studio import backdrop, cast_shadow, developed, studio
from schema.pose import JOINTS, Keypoints

Floats = NDArray[np.float32]
Colour = tuple[int, int, int]

CLOTHES: Final[tuple[dict[str, Colour] | None, ...]] = (
    None,
    {"shirt": (240, 240, 238), "skin": (205, 160, 130), "trousers": (40, 50, 80)},
    {"shirt": (170, 30, 40), "skin": (120, 80, 60), "trousers": (235, 232, 228)},
    {"shirt": (30, 30, 34), "skin": (225, 185, 160), "trousers": (30, 30, 34)},
    {"shirt": (90, 140, 90), "skin": (180, 130, 100), "trousers": (150, 130, 100)},
)
BODY: Final = {
    "shirt": (
        ("neck", "right_hip"), ("neck", "left_hip"), ("right_shoulder", "right_elbow"),
        ("left_shoulder", "left_elbow"), ("right_shoulder", "left_shoulder"),
    ),
    "skin": (
        ("right_elbow", "right_wrist"), ("left_elbow", "left_wrist"), ("nose", "nose"),
        ("left_ear", "right_ear"), ("nose", "left_ear"), ("nose", "right_ear"),
    ),
    "trousers": (
        ("right_hip", "right_knee"), ("left_hip", "left_knee"), ("right_knee", "right_ankle"),
        ("left_knee", "left_ankle"), ("left_hip", "right_hip"),
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Scene:
    picture: Image.Image
    share: Floats
    """How much of each pixel is the figure's, as it was drawn."""
    colours: Floats
    """The figure's own, also behind what is seen of the backdrop."""
    keypoints: Keypoints


def scene(number: int, side: int, paper: Colour | None = None, pose: Keypoints | None = None) -> Scene:
    """One of many poses, clothes and studios; on `paper`, evenly lit, when it is given."""
    poses = load().poses
    pose = pose or poses[number * 27 % len(poses)].keypoints
    share, colours = _figure(pose, side, number, CLOTHES[number % len(CLOTHES)])
    floor = float(np.flatnonzero(share.max(axis=1) > 0.5)[-1])
    if paper is None:
        canvas = backdrop(studio(number), number, side, side, floor)
        cast_shadow(canvas, share, floor, 0.86 * side)
    else:
        canvas = np.full((side, side, 3), np.array(paper) / 255, np.float32)
    canvas += (colours - canvas) * share[..., None]
    return Scene(developed(canvas, number), share, colours, pose)


def _figure(
    pose: Keypoints, side: int, seed: int, clothes: dict[str, Colour] | None
) -> tuple[Floats, Floats]:
    drawn = np.asarray(mannequin.cut_out(pose, side, side, seed=seed), np.float32)
    lit, share = drawn[..., :3] / np.float32(255), drawn[..., 3] / np.float32(255)
    if clothes is None:
        return share, lit
    cloth = np.array([clothes[part] for part in BODY], np.float32)[_nearest_part(pose, side)] / 255
    weave = np.random.default_rng(seed).normal(1, 0.03, (side, side, 1))
    shade = 0.35 + 0.8 * lit.mean(axis=2, keepdims=True)
    return share, np.asarray(np.clip(cloth * shade * weave, 0, 1), np.float32)


def _nearest_part(pose: Keypoints, side: int) -> NDArray[np.intp]:
    at = {name: np.array(point) * side for name, point in zip(JOINTS, pose, strict=True) if point}
    y, x = np.mgrid[0:side, 0:side].astype(np.float32)
    away = [
        np.min([_away(x, y, at[a], at[b]) for a, b in bones if a in at and b in at] or [x + 1e6], axis=0)
        for bones in BODY.values()
    ]
    return np.asarray(np.argmin(away, axis=0))


def _away(x: Floats, y: Floats, start: NDArray[np.float64], end: NDArray[np.float64]) -> Floats:
    way = end - start
    along = np.clip(((x - start[0]) * way[0] + (y - start[1]) * way[1]) / max(way @ way, 1e-6), 0, 1)
    return np.asarray(np.hypot(x - start[0] - along * way[0], y - start[1] - along * way[1]), np.float32)


def overlap(found: Image.Image, scene: Scene) -> float:
    """Intersection over union of what was cut out and what was drawn."""
    ours, theirs = np.asarray(found) > 127, scene.share > 0.5
    return float((ours & theirs).sum() / (ours | theirs).sum())
