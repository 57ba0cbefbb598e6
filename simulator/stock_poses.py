"""Poses for prompts that come without a map: a word that speaks of a pose, else one of them by the prompt."""

import zlib
from typing import Final

from schema.pose import Keypoints, Point

# fmt: off
_HEAD: Final[tuple[Point, ...]] = ((0.485, 0.115), (0.515, 0.115), (0.465, 0.125), (0.535, 0.125))
_LEGS: Final[tuple[Point, ...]] = (
    (0.455, 0.52), (0.45, 0.71), (0.445, 0.90), (0.545, 0.52), (0.55, 0.71), (0.555, 0.90),
)
_TRUNK: Final[tuple[Point, ...]] = ((0.50, 0.14), (0.50, 0.22))


def _upright(
    right_arm: tuple[Point, Point], left_arm: tuple[Point, Point], legs: tuple[Point, ...] = _LEGS
) -> Keypoints:
    return (*_TRUNK, (0.42, 0.225), *right_arm, (0.58, 0.225), *left_arm, *legs, *_HEAD)


POSES: Final[dict[str, Keypoints]] = {
    "stand": _upright(((0.39, 0.37), (0.385, 0.51)), ((0.61, 0.37), (0.615, 0.51))),
    "hip": _upright(((0.30, 0.34), (0.40, 0.47)), ((0.70, 0.34), (0.60, 0.47))),
    "wav": _upright(((0.31, 0.30), (0.29, 0.12)), ((0.61, 0.37), (0.615, 0.51))),
    "jump": _upright(
        ((0.32, 0.16), (0.28, 0.09)), ((0.68, 0.16), (0.72, 0.09)),
        ((0.455, 0.50), (0.36, 0.62), (0.33, 0.80), (0.545, 0.50), (0.64, 0.62), (0.67, 0.80)),
    ),
    "walk": _upright(
        ((0.37, 0.36), (0.43, 0.49)), ((0.62, 0.36), (0.66, 0.49)),
        ((0.46, 0.52), (0.40, 0.70), (0.35, 0.88), (0.54, 0.52), (0.60, 0.70), (0.63, 0.89)),
    ),
    "sit": _upright(
        ((0.38, 0.37), (0.41, 0.50)), ((0.62, 0.37), (0.59, 0.50)),
        ((0.455, 0.53), (0.40, 0.62), (0.41, 0.84), (0.545, 0.53), (0.60, 0.62), (0.59, 0.84)),
    ),
}
# fmt: on


def choose(prompt: str) -> Keypoints:
    words = prompt.lower()
    named = (pose for stem, pose in POSES.items() if stem in words)
    return next(named, None) or list(POSES.values())[zlib.crc32(words.encode()) % len(POSES)]
