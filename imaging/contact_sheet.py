"""Poses beside each other, with their maps and names: how a designer sees what the library holds."""

from collections.abc import Sequence
from io import BytesIO
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from imaging import mannequin
from imaging.library import LibraryPose
from imaging.openpose import draw_map

SIDE: Final = 240
MAP_SIDE: Final = 80
WIDTH: Final = SIDE + MAP_SIDE
CAPTION: Final = 22
PAPER, INK = "#ffffff", "#222222"


def sheet(poses: Sequence[LibraryPose], columns: int = 6) -> Image.Image:
    rows = -(-len(poses) // columns)
    page = Image.new("RGB", (columns * WIDTH, rows * (SIDE + CAPTION)), PAPER)
    for place, pose in enumerate(poses):
        row, column = divmod(place, columns)
        page.paste(_card(pose), (column * WIDTH, row * (SIDE + CAPTION)))
    return page


def _card(pose: LibraryPose) -> Image.Image:
    card = Image.new("RGB", (WIDTH, SIDE + CAPTION), PAPER)
    card.paste(mannequin.draw(pose.keypoints, SIDE, SIDE), (0, 0))
    drawn = Image.open(BytesIO(draw_map(pose.keypoints, 2 * MAP_SIDE, 2 * MAP_SIDE)))
    card.paste(drawn.resize((MAP_SIDE, MAP_SIDE)), (SIDE, 0))
    ImageDraw.Draw(card).text((6, SIDE + 4), pose.name, INK, font=ImageFont.load_default(12))
    return card
