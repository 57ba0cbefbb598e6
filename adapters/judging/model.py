"""Pictures judged by a classifier from a file: one number, or one for each class."""

from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

from adapters.model_file import ModelFile, Pixels
from imaging import judging
from schema.errors import Misconfigured
from schema.kinds import ColourScale

SETTING: Final = "PICTURE_CHECK_MODEL"
USUAL_SIDE: Final = 224


class Classifier:
    def __init__(self, path: Path, classes: tuple[int, ...], scale: ColourScale) -> None:
        """Raise Misconfigured for what cannot work."""
        self._net = ModelFile(path, SETTING, usual_side=USUAL_SIDE)
        self._scale = scale
        probes = [self._scores(Image.new("RGB", (64, 64), colour)) for colour in ("black", "grey", "white")]
        self._final = all(map(judging.are_probabilities, probes))
        self._classes = (0,) if probes[0].size == 1 else classes
        if not self._classes or not set(self._classes) <= set(range(probes[0].size)):
            raise Misconfigured(f"PICTURE_CHECK_CLASSES: {path} has the classes 0 to {probes[0].size - 1}")

    def __call__(self, picture: Image.Image) -> float:
        return judging.probability(self._scores(picture), self._classes, final=self._final)

    def _scores(self, picture: Image.Image) -> Pixels:
        shown = judging.shown(picture, self._net.width, self._net.height, self._scale)
        return np.ravel(self._net(shown))
