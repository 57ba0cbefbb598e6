"""Where to cut: the part of a picture that fills another shape and keeps the figure whole.

The box always has the target's proportions. It lies inside the picture where the figure fits into it; where
it does not, the box grows past the picture's edges (`extend.py` paints there) rather than cut the body.
"""

from math import dist
from typing import Final, NamedTuple

from schema.pose import JOINTS, Keypoints, Point

Size = tuple[int, int]


class Box(NamedTuple):
    """In pixels of the picture, counted at their edges; may reach past the picture."""

    left: float
    top: float
    right: float
    bottom: float


class Framing(NamedTuple):
    box: Box
    """What the target shows."""
    figure: Box
    """What of it must be seen; always inside both the picture and the box."""


HEAD: Final = ("nose", "right_eye", "left_eye", "right_ear", "left_ear")
REACH: Final = {
    **dict.fromkeys(JOINTS, 0.22),
    **dict.fromkeys(HEAD, 0.42),  # up to the crown, with hair
    **dict.fromkeys(("right_wrist", "left_wrist"), 0.38),  # fingers, whichever way they point
    **dict.fromkeys(("right_ankle", "left_ankle"), 0.45),  # toes and shoes
}
"""How far the body goes beyond each joint, in lengths of the torso."""
NECK_REACH_WITHOUT_FACE = 0.7

TORSO_PER_BONE: Final = (
    ("neck", "right_hip", 1.0), ("neck", "left_hip", 1.0), ("right_shoulder", "left_shoulder", 1.3),
    ("right_shoulder", "right_elbow", 1.6), ("left_shoulder", "left_elbow", 1.6),
    ("right_elbow", "right_wrist", 2.0), ("left_elbow", "left_wrist", 2.0),
    ("right_hip", "right_knee", 1.2), ("left_hip", "left_knee", 1.2),
    ("right_knee", "right_ankle", 1.2), ("left_knee", "left_ankle", 1.2),
)  # fmt: skip
UNKNOWN_TORSO = 0.25
"""Of the picture's height, when no bone is whole."""


def window(image_size: Size, target_size: Size, keypoints: Keypoints | None = None) -> Framing:
    """What of the picture fills the target: centred on the figure as far as the picture allows."""
    (width, height), (target_width, target_height) = image_size, target_size
    figure = figure_box(keypoints, image_size) or Box(width / 2, height / 2, width / 2, height / 2)
    cover = min(width / target_width, height / target_height)
    whole = max((figure.right - figure.left) / target_width, (figure.bottom - figure.top) / target_height)
    scale = max(cover, whole)
    left = _start(figure.left, figure.right, target_width * scale, width)
    top = _start(figure.top, figure.bottom, target_height * scale, height)
    return Framing(Box(left, top, left + target_width * scale, top + target_height * scale), figure)


def figure_box(keypoints: Keypoints | None, image_size: Size) -> Box | None:
    """The figure with hair, hands and feet, where it is inside the picture; None when no joint is seen."""
    width, height = image_size
    points = {
        name: (point[0] * width, point[1] * height)
        for name, point in zip(JOINTS, keypoints or (None,) * len(JOINTS), strict=True)
        if point is not None
    }
    if not points:
        return None
    torso = torso_length(points) or UNKNOWN_TORSO * height
    reach = REACH if points.keys() & set(HEAD) else {**REACH, "neck": NECK_REACH_WITHOUT_FACE}
    return Box(
        _inside(min(x - torso * reach[name] for name, (x, _) in points.items()), width),
        _inside(min(y - torso * reach[name] for name, (_, y) in points.items()), height),
        _inside(max(x + torso * reach[name] for name, (x, _) in points.items()), width),
        _inside(max(y + torso * reach[name] for name, (_, y) in points.items()), height),
    )


def torso_length(points: dict[str, Point]) -> float:
    """By the bone that says most: foreshortening only ever makes bones shorter."""
    lengths = (
        dist(points[start], points[end]) * ratio
        for start, end, ratio in TORSO_PER_BONE
        if start in points and end in points
    )
    return max(lengths, default=0.0)


def _inside(value: float, limit: int) -> float:
    return min(max(value, 0.0), float(limit))


def _start(low: float, high: float, length: float, limit: int) -> float:
    """Where a stretch of that length begins: centred, but not past an edge that it need not pass."""
    slack = limit - length
    return min(max((low + high - length) / 2, min(slack, 0.0)), max(slack, 0.0))
