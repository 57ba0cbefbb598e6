"""The figure's outline: GrabCut between what the seeds say, on the picture with its backdrop evened out."""

from typing import Final

import cv2
import numpy as np
from PIL import Image

from imaging.matting import seeds
from imaging.matting.edges import soft
from imaging.matting.paper import Paper, paper
from imaging.matting.seeds import Seeds
from imaging.matting.shapes import Mask, Truth, disc
from schema.errors import BadImage
from schema.pose import Keypoints

WORKING_SIDE: Final = 512
"""As good as the full size, in a fifth of the time: the edges are found again afterwards."""
ROUNDS: Final = 3
PATCH: Final = 0.008
"""Of the longer side."""
LEAST_GAP: Final = 0.0004
"""Of the picture."""
FRAME: Final = 0.06
"""Of the picture's sides: backdrop, where nothing else is known."""


def cut_out(picture: Image.Image, keypoints: Keypoints | None = None) -> Image.Image:
    """How much of each pixel belongs to the figure, as a grey picture; raise BadImage when there is none."""
    colours = picture.convert("RGB")
    scale = min(1.0, WORKING_SIDE / max(colours.size))
    size = max(8, round(colours.width * scale)), max(8, round(colours.height * scale))
    small = colours.resize(size, Image.Resampling.BOX)
    return Image.fromarray(soft(np.asarray(colours), _outline(small, keypoints)))


def _outline(small: Image.Image, keypoints: Keypoints | None) -> Mask:
    by_skeleton = seeds.of_skeleton(keypoints, *small.size) if keypoints else None
    if by_skeleton:
        sheet = paper(small, by_skeleton.room == 0)
        if seeds.agree(by_skeleton, sheet):
            return _divided(sheet, by_skeleton)
    about = seeds.of_picture(paper(small, _frame(*small.size)))
    sheet = paper(small, about.room == 0)
    return _divided(sheet, seeds.of_picture(sheet))


def _divided(sheet: Paper, known: Seeds) -> Mask:
    height, _ = known.core.shape
    below = np.arange(height)[:, None] > known.floor
    likely = sheet.stands_out & ~(sheet.shadow & below)
    mask = np.where(known.room > 0, np.where(likely, cv2.GC_PR_FGD, cv2.GC_PR_BGD), cv2.GC_BGD)
    patches = _patches(sheet)
    mask[patches & (known.near == 0)] = cv2.GC_BGD
    core = known.core & ~seeds.touched(patches.astype(np.uint8), 1 - known.room)
    mask[core > 0] = cv2.GC_FGD
    mask[[0, -1]] = mask[:, [0, -1]] = cv2.GC_BGD  # there is always some of it to learn from
    if not (core & mask).any():
        raise BadImage("There is no figure in this picture that could be cut out.")
    found = _grab_cut(sheet.flattened, mask.astype(np.uint8))
    return _without_specks(seeds.touched(found, core))


def _without_specks(figure: Truth) -> Mask:
    """Light seen through a figure has some size; what is smaller is a light on it."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(1 - figure.astype(np.uint8))
    small = np.flatnonzero(stats[:, cv2.CC_STAT_AREA] < LEAST_GAP * figure.size)
    return (figure | np.isin(labels, small)).astype(np.uint8)


def _patches(sheet: Paper) -> Truth:
    """Backdrop beside and between limbs: a few pixels like it may be a light on cloth, a patch is not."""
    like_paper = (~sheet.stands_out).astype(np.uint8)
    return np.asarray(cv2.morphologyEx(like_paper, cv2.MORPH_OPEN, disc(PATCH * max(like_paper.shape))) > 0)


def _grab_cut(colours: Mask, mask: Mask) -> Mask:
    """Only around the figure: the rest is decided, and costs as much."""
    window = _around(mask != cv2.GC_BGD)
    part, models = np.ascontiguousarray(mask[window]), np.zeros((2, 1, 65))
    cv2.setRNGSeed(0)
    around = np.ascontiguousarray(colours[window])
    cv2.grabCut(around, part, (0, 0, 1, 1), models[0], models[1], ROUNDS, cv2.GC_INIT_WITH_MASK)
    found = np.zeros_like(mask)
    found[window] = part & 1  # both kinds of foreground are odd
    return found


def _around(inside: Truth) -> tuple[slice, slice]:
    (top, bottom), (left, right) = (
        (int(places[0]), int(places[-1]) + 1)
        for places in (np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0)))
    )
    margin = max(8, (bottom - top + right - left) // 16)
    return slice(max(0, top - margin), bottom + margin), slice(max(0, left - margin), right + margin)


def _frame(width: int, height: int) -> Truth:
    """Not the lower edge: what stands is often cut off there."""
    side, top = max(1, round(FRAME * width)), max(1, round(FRAME * height))
    outside = np.zeros((height, width), dtype=np.bool_)
    outside[:top] = outside[:, :side] = outside[:, -side:] = True
    return outside
