"""Places without people, for prompts that ask for one: sky, ground and sun in the colours of the words."""

from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image

EMPTY: Final = ("without people", "no people", "empty scene", "nobody")
PLACES: Final = {
    ("beach", "sea", "pantai"): ("f7c59f", "fbe9d7", "d9c08a"),
    ("forest", "garden", "park", "hutan"): ("bfd8c2", "e9f2dc", "6f8f57"),
    ("city", "street", "kota"): ("aab8c8", "e4e8ee", "7d8188"),
    ("room", "studio", "shop", "wall"): ("e9e2d8", "f6f2ec", "b99f83"),
    ("night", "malam"): ("141c38", "31406e", "23283a"),
}
"""Above, at the horizon, and the ground."""
ELSEWHERE: Final = ("9fc3e6", "eaf3fb", "a8b58a")
HORIZON: Final = 0.62


def is_asked(prompt: str) -> bool:
    return any(words in prompt.lower() for words in EMPTY)


def draw(prompt: str, width: int, height: int, seed: int) -> Image.Image:
    said = prompt.lower()
    named = next(
        (colours for words, colours in PLACES.items() if any(word in said for word in words)), ELSEWHERE
    )
    above, horizon, ground = (_rgb(colour) for colour in named)
    dice = np.random.default_rng(seed)
    y = np.linspace(0, 1, height, dtype=np.float32)[:, None, None]
    x = np.linspace(0, 1, width, dtype=np.float32)[None, :, None]
    sky = above + (horizon - above) * np.clip(y / HORIZON, 0, 1)
    depth = np.clip((y - HORIZON) / (1 - HORIZON), 0, 1)
    land = (
        horizon + (ground - horizon) * np.sqrt(depth) * np.float32(0.9) + 8 * np.sin(90 * x * (1.2 - depth))
    )
    scene = np.where(y < HORIZON, sky, land)
    sun_x, sun_y = dice.uniform(0.15, 0.85), dice.uniform(0.12, 0.4)
    glow = np.exp(-((x - sun_x) ** 2 + (y - sun_y) ** 2) / 0.01)
    scene = scene + (255 - scene) * glow + dice.normal(0, 1.2, (height, width, 1))
    return Image.fromarray(np.clip(scene, 0, 255).astype(np.uint8))


def _rgb(text: str) -> npt.NDArray[np.float32]:
    return np.array([int(text[i : i + 2], 16) for i in (0, 2, 4)], dtype=np.float32)
