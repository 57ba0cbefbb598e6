"""The mannequin's head: neck and an egg with a nose, turned as nose, eyes and ears say."""

import numpy as np

from imaging.clay import Bone, Place
from imaging.flesh import Layer, bone
from imaging.sitter import Sitter, skull


def head(who: Sitter) -> Layer:
    """Cranium, face and jaw, nose, ears; without any face point an egg above the neck."""
    centre = skull(who)
    if centre is None:
        return Layer()
    u, up = who.unit, _up(who, centre)
    nose = who.at.get("nose")
    look = np.zeros(2) if nose is None else (nose - centre) / (0.062 * u)
    ahead = _level(look, up) * u
    away = up * u
    bones = [
        bone(
            u,
            centre + 0.019 * away - 0.018 * ahead,
            centre + 0.014 * away + 0.010 * ahead,
            (0.047, 0.048, 0.047),
        ),
        bone(
            u,
            centre - 0.004 * away + 0.014 * ahead,
            centre - 0.034 * away + 0.025 * ahead,
            (0.0425, 0.041, 0.0285),
        ),
        *_nose(who, nose, away, ahead),
        *_ears(who, away),
    ]
    eyes = tuple(who.at[name] for name in ("left_eye", "right_eye") if name in who.at)
    return Layer(tuple(bones), soft=0.005, hollows=eyes)


def _nose(who: Sitter, nose: Place | None, away: Place, ahead: Place) -> tuple[Bone, ...]:
    if nose is None:
        return ()
    return (
        bone(
            who.unit,
            nose + 0.024 * away - 0.016 * ahead,
            nose - 0.002 * away - 0.004 * ahead,
            (0.004, 0.006, 0.0075),
        ),
    )


def _ears(who: Sitter, away: Place) -> tuple[Bone, ...]:
    ears = (who.at[name] for name in ("left_ear", "right_ear") if name in who.at)
    return tuple(
        bone(who.unit, ear + 0.008 * away, ear - 0.010 * away, (0.009, 0.008, 0.005)) for ear in ears
    )


def _up(who: Sitter, centre: Place) -> Place:
    """Across the line of the ears or eyes where both are seen apart, else away from the neck."""
    above = centre - who.at.get("neck", centre + np.array([0, 1.0]))
    above = above / max(float(np.linalg.norm(above)), 1e-6)
    for pair in ("ear", "eye"):
        left, right = who.at.get(f"left_{pair}"), who.at.get(f"right_{pair}")
        if left is not None and right is not None and np.linalg.norm(left - right) > 0.02 * who.unit:
            line = (left - right) / np.linalg.norm(left - right)
            upright = np.array([line[1], -line[0]])
            return np.asarray(upright if float(upright @ above) > 0 else -upright)
    return np.asarray(above)


def _level(look: Place, up: Place) -> Place:
    """The part of the look that turns the head to a side, and a little of its nod."""
    aside = np.array([-up[1], up[0]])
    return np.asarray(
        np.clip(float(look @ aside), -1, 1) * aside + 0.3 * np.clip(float(look @ up) + 0.1, -1, 1) * up
    )
