"""Figures cut out by a U2-Net, or any net that is shown the same and answers with one map."""

from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

from adapters.model_file import ModelFile
from imaging.matting import saliency
from schema.errors import Misconfigured
from schema.pose import Keypoints

SETTING: Final = "MATTING_MODEL"
USUAL_SIDE: Final = 320


class U2Net:
    def __init__(self, path: Path) -> None:
        """Raise Misconfigured for what cannot work."""
        self._net = net = ModelFile(path, SETTING, usual_side=USUAL_SIDE)
        answer = net(np.zeros((net.height, net.width, 3), np.float32))
        if answer.squeeze().ndim != 2:  # noqa: PLR2004 - height and width
            raise Misconfigured(f"{SETTING}: {path} does not answer with one map of the picture")

    def __call__(self, picture: Image.Image, _keypoints: Keypoints | None) -> Image.Image:
        answer = self._net(saliency.shown(picture, self._net.width, self._net.height))
        return saliency.share(picture, answer.squeeze())
