"""The library's pictures of a pose: the mannequin in three sizes, and the map."""

from io import BytesIO
from typing import Final

from PIL import Image

from imaging import mannequin
from imaging.openpose import draw_map
from schema.pose import Keypoints

SIDES: Final = {"reference": 768, "preview": 512, "thumbnail": 256}
WEBP_QUALITY: Final = 82
WEBP_EFFORT: Final = 2
"""Half the time of the usual 4 for a few bytes more: who first looks at a page waits for all of it."""


def pictures(keypoints: Keypoints, map_width: int, map_height: int) -> dict[str, bytes]:
    figure = mannequin.draw(keypoints, SIDES["reference"], SIDES["reference"])
    drawn = {kind: _webp(figure, side) for kind, side in SIDES.items()}
    return drawn | {"controlnet": draw_map(keypoints, map_width, map_height)}


def _webp(figure: Image.Image, side: int) -> bytes:
    file = BytesIO()
    shown = figure.resize((side, side), Image.Resampling.LANCZOS)
    shown.save(file, "WEBP", quality=WEBP_QUALITY, method=WEBP_EFFORT)
    return file.getvalue()
