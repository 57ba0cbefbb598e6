"""The mannequin's head: an egg with a nose, turned as nose, eyes and ears say."""

import numpy as np

from imaging.clay import Bone, Place
from imaging.flesh import Layer, bone, root
from imaging.sitter import Sitter, skull


def head(who: Sitter) -> tuple[Layer, ...]:
    """Cranium, face and ears in one piece, the nose upon it; without any face point an egg above the neck."""
    centre = skull(who)
    if centre is None:
        return ()
    u, up = who.unit, _up(who, centre)
    nose = who.at.get("nose")
    look = np.zeros(2) if nose is None else (nose - centre) / (0.062 * u)
    ahead, away = _level(look, up) * u, up * u
    brow = centre + 0.020 * away + 0.012 * ahead
    chin = centre - (0.018 if nose is None else 0.030) * away + 0.026 * ahead
    bones = (
        bone(u, centre + 0.022 * away - 0.018 * ahead, brow, (0.042, 0.043, 0.042)),
        bone(u, centre + 0.012 * away + 0.014 * ahead, chin, (0.0405, 0.038, 0.0275)),
        *_ears(who, away),
    )
    eyes = tuple(who.at[name] for name in ("left_eye", "right_eye") if name in who.at)
    face = Layer(bones, soft=0.009, hollows=eyes)
    return (face,) if nose is None else (face, _nose(u, nose, away, ahead))


def _nose(unit: float, nose: Place, away: Place, ahead: Place) -> Layer:
    bridge = nose + 0.026 * away - 0.018 * ahead
    tip = nose - 0.002 * away - 0.005 * ahead
    return Layer((bone(unit, bridge, tip, (0.004, 0.0055, 0.0075)),), soft=0.002, root=root(bridge, tip, 0.9))


def _ears(who: Sitter, away: Place) -> tuple[Bone, ...]:
    ears = (who.at[name] for name in ("left_ear", "right_ear") if name in who.at)
    return tuple(
        bone(who.unit, ear + 0.008 * away, ear - 0.010 * away, (0.0075, 0.0065, 0.0045)) for ear in ears
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
