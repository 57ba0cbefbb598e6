"""A picture whose background is replaced: the figure cut out and put before a colour or another picture."""

from collections.abc import Callable

from PIL import Image

from imaging.checks import decode
from imaging.exports import original_png
from imaging.matting.onto import onto_colour, onto_picture
from schema.pose import Keypoints

Cutter = Callable[[Image.Image, Keypoints | None], Image.Image]
"""How much of each pixel belongs to the figure. CPU work for a thread; raises BadImage when there is none."""


def changed(
    picture: Image.Image,
    keypoints: Keypoints | None,
    cutter: Cutter,
    *,
    colour: str | None,
    backdrop: bytes | None,
) -> bytes:
    """As PNG. Raise BadImage when no figure is found, or when the backdrop is no picture."""
    share = cutter(picture, keypoints)
    if backdrop is not None:
        return original_png(onto_picture(picture, share, decode(backdrop)))
    assert colour is not None
    return original_png(onto_colour(picture, share, colour))
