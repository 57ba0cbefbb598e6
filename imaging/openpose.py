"""The OpenPose drawing that FLUX pose ControlNets were trained on, as PNG.

The strokes are those of controlnet_aux on OpenCV, from the same rounded polygons and scan lines, so the net
sees what it learned. The same keypoints and size give the same bytes everywhere: edges are integer
arithmetic, and zlib's run-length strategy gives the same stream in zlib and zlib-ng.
"""

import zlib
from collections.abc import Iterator
from io import BytesIO
from itertools import groupby, pairwise
from math import atan2, cos, degrees, hypot, isqrt, radians, sin
from typing import Final

import numpy as np
from PIL import Image, ImageDraw

from schema.pose import Keypoints, Point

Colour = tuple[int, int, int]
Pixel = tuple[int, int]

PALETTE: Final[tuple[Colour, ...]] = (
    (255, 0, 0), (255, 85, 0), (255, 170, 0), (255, 255, 0), (170, 255, 0), (85, 255, 0),
    (0, 255, 0), (0, 255, 85), (0, 255, 170), (0, 255, 255), (0, 170, 255), (0, 85, 255),
    (0, 0, 255), (85, 0, 255), (170, 0, 255), (255, 0, 255), (255, 0, 170), (255, 0, 85),
)  # fmt: skip
"""One colour a joint; limb k takes colour k, darkened."""

LIMBS: Final[tuple[tuple[int, int], ...]] = (
    (1, 2), (1, 5), (2, 3), (3, 4), (5, 6), (6, 7), (1, 8), (8, 9), (9, 10),
    (1, 11), (11, 12), (12, 13), (1, 0), (0, 14), (14, 16), (0, 15), (15, 17),
)  # fmt: skip

LIMB_BRIGHTNESS = 0.6
TRAINED_RADIUS, TRAINED_SHORT_SIDE = 4, 512


def draw_map(keypoints: Keypoints, width: int, height: int) -> bytes:
    """The pose as a map; joints that cannot be seen are left out with every limb that needs them."""
    canvas = Image.new("RGB", (width, height))
    draw = ImageDraw.Draw(canvas)
    radius = max(1, round(TRAINED_RADIUS * min(width, height) / TRAINED_SHORT_SIDE))
    points = [point and (point[0] * width, point[1] * height) for point in keypoints]
    for (start, end), colour in zip(LIMBS, PALETTE, strict=False):
        a, b = points[start], points[end]
        if a and b:
            _draw_limb(draw, a, b, radius, colour)
    for joint, colour in zip(points, PALETTE, strict=True):
        if joint:
            _draw_joint(draw, joint, radius, colour)
    out = BytesIO()
    canvas.save(out, "PNG", compress_level=6, compress_type=zlib.Z_RLE)
    return out.getvalue()


def _draw_joint(draw: ImageDraw.ImageDraw, joint: Point, radius: int, colour: Colour) -> None:
    x, y = int(joint[0]), int(joint[1])
    for dy in range(-radius, radius + 1):
        half = isqrt(radius * radius - dy * dy)
        draw.line((x - half, y + dy, x + half, y + dy), colour)


def _draw_limb(draw: ImageDraw.ImageDraw, a: Point, b: Point, radius: int, colour: Colour) -> None:
    red, green, blue = colour
    dark = int(red * LIMB_BRIGHTNESS), int(green * LIMB_BRIGHTNESS), int(blue * LIMB_BRIGHTNESS)
    spans: dict[int, tuple[int, int]] = {}
    for x, y in _outline(_ellipse(a, b, radius)):
        left, right = spans.get(y, (x, x))
        spans[y] = min(left, x), max(right, x)
    for y, (left, right) in spans.items():
        draw.line((left, y, right, y), dark)


def _ellipse(a: Point, b: Point, radius: int) -> list[Pixel]:
    """The limb as a closed polygon of whole pixels, a corner a degree, as cv2.ellipse2Poly gives it.

    Corners on one pixel are one: on a small map, most are.
    """
    centre_x, centre_y = int((a[0] + b[0]) / 2), int((a[1] + b[1]) / 2)
    half = int(hypot(a[0] - b[0], a[1] - b[1]) / 2)
    tilt_cos, tilt_sin = _direction(int(degrees(atan2(a[1] - b[1], a[0] - b[0]))))
    cosine, sine = _CIRCLE
    along, across = half * cosine, radius * sine
    x = centre_x + along * tilt_cos - across * tilt_sin
    y = centre_y + along * tilt_sin + across * tilt_cos
    corners = zip(np.rint(x).astype(int).tolist(), np.rint(y).astype(int).tolist(), strict=True)
    return [corner for corner, _ in groupby(corners)]


def _direction(degree: int) -> tuple[float, float]:
    """Cosine and sine as OpenCV's table has them; seven digits, so no machine's last digit shows."""
    return round(cos(radians(degree)), 7), round(sin(radians(degree)), 7)


_CIRCLE: Final = np.array([_direction(degree) for degree in range(361)]).T


def _outline(corners: list[Pixel]) -> Iterator[Pixel]:
    """Where the polygon's rows end, as cv2.fillConvexPoly has it: lines round halves back, fills on."""
    yield corners[0]
    for pair in pairwise(corners):
        (x0, y0), (x1, y1) = sorted(pair)
        across, down, steps = x1 - x0, abs(y1 - y0), max(x1 - x0, abs(y1 - y0))
        sign = 1 if y1 > y0 else -1
        yield x0, y0
        for step in range(1, steps + 1):
            y = y0 + sign * ((2 * step * down + steps - 1) // (2 * steps))
            yield x0 + (2 * step * across + steps - 1) // (2 * steps), y
            yield x0 + (2 * step * across + steps) // (2 * steps), y
