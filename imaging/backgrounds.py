"""A picture whose background is replaced: the figure cut out and put before a colour or another picture."""

from PIL import Image

from imaging.checks import decode
from imaging.exports import original_png
from imaging.matting.cut import cut_out
from imaging.matting.onto import onto_colour, onto_picture
from schema.pose import Keypoints


def changed(
    picture: Image.Image, keypoints: Keypoints | None, *, colour: str | None, backdrop: bytes | None
) -> bytes:
    """As PNG. Raise BadImage when no figure is found, or when the backdrop is no picture."""
    share = cut_out(picture, keypoints)
    if backdrop is not None:
        return original_png(onto_picture(picture, share, decode(backdrop)))
    assert colour is not None
    return original_png(onto_colour(picture, share, colour))
