"""Draws a shaded mannequin in a photo studio from 2-D keypoints alone.

The same keypoints, size and seed give the same bytes; another seed gives another studio. Joints that are
missing or out of the frame leave their part out and never fail the picture.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from imaging.clay import Pixels, mould
from imaging.dress import Dress, Part
from imaging.face import head
from imaging.flesh import Layer, arm, hidden_forearm, leg, trunk
from imaging.sculpture import Sculpture
from imaging.sitter import OTHER, SIDES, Sitter, sitter
from imaging.studio import Studio, backdrop, cast_shadow, developed, studio
from schema.pose import Keypoints

Tones = tuple[Pixels, Pixels, Pixels]
"""Shade, body and light: of the whole figure, or of each of its pixels."""


def draw(
    keypoints: Keypoints, width: int, height: int, *, seed: int = 0, dress: Dress | None = None
) -> Image.Image:
    """Of one clay, unless it is dressed."""
    room, who = studio(seed), sitter(keypoints, width, height)
    sculpture = _sculpted(who, width, height) if who else Sculpture(width, height)
    rows = np.flatnonzero(sculpture.cover.max(axis=1) > 0.5)
    floor = float(rows[-1]) if len(rows) else height * 0.9
    canvas = backdrop(room, seed, width, height, floor)
    if who and len(rows):
        cast_shadow(canvas, sculpture.cover, floor, who.unit)
        _paint(canvas, sculpture, room, slice(int(rows[0]), int(rows[-1]) + 1), dress)
    return developed(canvas, seed)


def cut_out(keypoints: Keypoints, width: int, height: int, *, seed: int = 0) -> Image.Image:
    """The same figure alone, on nothing: what its picture would be without a backdrop."""
    room, who = studio(seed), sitter(keypoints, width, height)
    sculpture = _sculpted(who, width, height) if who else Sculpture(width, height)
    lit = _lit(sculpture.normal, room, _clay(room)) * sculpture.open[..., None]
    rgba = np.concatenate([lit, sculpture.cover[..., None]], axis=2)
    return Image.fromarray(np.clip(rgba * 255 + 0.5, 0, 255).astype(np.uint8), "RGBA")


def _sculpted(who: Sitter, width: int, height: int) -> Sculpture:
    sculpture = Sculpture(width, height)
    for name, layer in _layers(who):
        part = mould(layer.bones, max(layer.soft * who.unit, 0.6), width, height) if layer.bones else None
        if part:
            sculpture.add(part, layer.root, who.unit, name)
        for place in layer.hollows:
            sculpture.hollow(place, 0.0062 * who.unit, 0.3)
    return sculpture


def _layers(who: Sitter) -> Iterator[tuple[Part, Layer]]:
    """From far to near. In profile the trunk is between the far and the near limbs."""
    near, far = who.near, OTHER[who.near]
    upper, fore = arm(who, far)
    yield from ((Part.TOP, hidden_forearm(who, side)) for side in SIDES)
    if who.arm_behind:
        yield Part.TOP, upper
    if who.leg_behind:
        yield Part.BOTTOM, leg(who, far)
    yield Part.TOP, trunk(who)
    if not who.leg_behind:
        yield Part.BOTTOM, leg(who, OTHER[who.near_leg])
    yield Part.BOTTOM, leg(who, who.near_leg)
    yield from ((Part.SKIN, layer) for layer in head(who))
    if not who.arm_behind:
        yield Part.TOP, upper
    yield Part.TOP, fore
    yield from ((Part.TOP, layer) for layer in arm(who, near))


def _paint(canvas: Pixels, sculpture: Sculpture, room: Studio, rows: slice, dress: Dress | None) -> None:
    tones = _dressed(sculpture.part[rows], dress) if dress else _clay(room)
    lit = _lit(sculpture.normal[rows], room, tones) * sculpture.open[rows][..., None]
    canvas[rows] += (lit - canvas[rows]) * sculpture.cover[rows][..., None]


def _clay(room: Studio) -> Tones:
    return room.shade, room.body, room.light


def _dressed(part: NDArray[np.uint8], dress: Dress) -> Tones:
    shade, body, light = dress.ramps().swapaxes(0, 1)
    return shade[part], body[part], light[part]


def _lit(normal: Pixels, room: Studio, tones: Tones) -> Pixels:
    """A ramp from shade over body to light, a soft highlight, a little of the backdrop at the far edge."""
    shade, body, light = tones
    lambert = normal @ room.sun
    ramp = np.clip(lambert * 0.62 + 0.38, 0, 1)[..., None]
    colour = np.where(
        ramp < 0.5,
        shade + (body - shade) * ramp * 2,
        body + (light - body) * (ramp * 2 - 1),
    )
    half = room.sun + np.array([0, 0, 1], dtype=np.float32)
    shine = np.clip(normal @ (half / np.linalg.norm(half)), 0, 1) ** 28
    rim = np.clip(normal[..., 0] * 0.9 - normal[..., 2] * 0.7, 0, 1)
    lit = colour + shine[..., None] * 0.10 + rim[..., None] * room.centre * 0.22
    return np.asarray(lit, dtype=np.float32)
