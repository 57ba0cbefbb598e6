"""A net in a file of the operator's, run by onnxruntime on one core a picture.

What is wrong with it is told when it is opened, as Misconfigured.
"""

from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from schema.errors import Misconfigured

Pixels = NDArray[np.float32]
AXES: Final = 4
COLOURS: Final = 3


class ModelFile:
    def __init__(self, path: Path, setting: str, *, usual_side: int) -> None:
        """`usual_side` is for nets that take pictures of any size."""
        self._session = _opened(path, setting)
        inputs = self._session.get_inputs()
        shape = inputs[0].shape if len(inputs) == 1 else []
        if len(shape) != AXES or COLOURS not in (shape[1], shape[3]):
            raise Misconfigured(f"{setting}: {path} does not take one picture with three colours")
        self._name = inputs[0].name
        self.colours_first = shape[1] == COLOURS
        sides = shape[2:] if self.colours_first else shape[1:3]
        self.height, self.width = (side if isinstance(side, int) else usual_side for side in sides)

    def __call__(self, colours: Pixels) -> Pixels:
        """Of a picture in the net's size, as height, width, colours; answers its first output."""
        shown = colours.transpose(2, 0, 1) if self.colours_first else colours
        answers = self._session.run(None, {self._name: np.ascontiguousarray(shown[None], np.float32)})
        return np.asarray(answers[0], np.float32)


def _opened(path: Path, setting: str) -> Any:
    if find_spec("onnxruntime") is None:
        raise Misconfigured(f"{setting} needs onnxruntime: pip install 'posegen[models]'")
    if not path.is_file():
        raise Misconfigured(f"{setting}: there is no file {path}")
    import onnxruntime  # noqa: PLC0415 - an extra, and slow to load

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # the worker does as many pictures at once as there are cores
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise Misconfigured(f"{setting}: {path} is no model that onnxruntime can run: {error}") from error
