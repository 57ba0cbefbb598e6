"""What a net that judges pictures is shown, and how improper a picture is by its answer."""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from schema.kinds import ColourScale

Pixels = NDArray[np.float32]

_MEANS: Final = {
    ColourScale.CENTRED: ((127.5,) * 3, (127.5,) * 3),
    ColourScale.UNIT: ((0.0,) * 3, (255.0,) * 3),
    ColourScale.IMAGENET: ((123.675, 116.28, 103.53), (58.395, 57.12, 57.375)),
    ColourScale.CAFFE: ((123.0, 117.0, 104.0), (1.0,) * 3),
}
"""Mean and deviation of red, green and blue."""


def shown(picture: Image.Image, width: int, height: int, scale: ColourScale) -> Pixels:
    """The whole picture, squeezed: what is improper may be at its edge."""
    small = picture.convert("RGB").resize((width, height), Image.Resampling.BICUBIC)
    mean, deviation = (np.array(values, np.float32) for values in _MEANS[scale])
    colours = (np.asarray(small, np.float32) - mean) / deviation
    return np.asarray(colours[..., ::-1] if scale is ColourScale.CAFFE else colours, np.float32)


def are_probabilities(scores: Pixels) -> bool:
    """Else they are what comes before: numbers of any size."""
    within = bool(((scores >= 0) & (scores <= 1)).all())
    return within and (scores.size == 1 or abs(float(scores.sum()) - 1) < 1e-3)


def probability(scores: Pixels, classes: tuple[int, ...], *, final: bool) -> float:
    """Of the classes that are improper, together; `final` when the scores are probabilities already."""
    if not np.isfinite(scores).all():
        raise ArithmeticError("the net answered with what is no number")
    shares = scores if final else _shares(scores)
    return float(shares[list(classes)].sum())


def _shares(scores: Pixels) -> Pixels:
    """Of one class against another that is always at zero, if there is only one."""
    against = scores if scores.size > 1 else np.append(scores, np.float32(0))
    powers = np.exp(against - against.max())
    return np.asarray(powers / powers.sum(), np.float32)
