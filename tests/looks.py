"""A generated picture, as lively as real ones: a figure in a studio, with shades and grain."""

from functools import cache

from PIL import Image

from imaging import library, mannequin
from schema.pose import Keypoints

SIDE = 512


@cache
def clay() -> Image.Image:
    return mannequin.draw(pose(), SIDE, SIDE, seed=7)


def pose() -> Keypoints:
    return library.drafts().built("standing-doa").keypoints
