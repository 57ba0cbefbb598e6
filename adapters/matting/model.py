"""A U2-Net from a file, run by onnxruntime on one core a picture."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from PIL import Image

from adapters.matting import Cutter
from imaging.matting import saliency
from schema.pose import Keypoints

USUAL_SIDE: Final = 320
INPUT_AXES: Final = 4


def open_model(path: Path) -> Cutter:
    """Raise ValueError, in words for the operator, for what cannot work."""
    if find_spec("onnxruntime") is None:
        raise ValueError("MATTING_MODEL needs onnxruntime: pip install 'posegen[models]'")
    if not path.is_file():
        raise ValueError(f"MATTING_MODEL: there is no file {path}")
    return U2Net(path)


class U2Net:
    def __init__(self, path: Path) -> None:
        import onnxruntime  # noqa: PLC0415 - an extra, and slow to load

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # the worker does as many pictures at once as there are cores
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            self._session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        except Exception as error:
            raise ValueError(
                f"MATTING_MODEL: {path} is no model that onnxruntime can run: {error}"
            ) from error
        self._name, self._width, self._height = _input(self._session.get_inputs(), path)

    def __call__(self, picture: Image.Image, _keypoints: Keypoints | None) -> Image.Image:
        shown = saliency.shown(picture, self._width, self._height)
        answers = self._session.run(None, {self._name: shown})
        return saliency.share(picture, answers[0])


def _input(inputs: list[Any], path: Path) -> tuple[str, int, int]:
    """A picture of a fixed size, or of any."""
    shape = inputs[0].shape if len(inputs) == 1 else []
    if len(shape) != INPUT_AXES or shape[1] != 3:  # noqa: PLR2004 - the colours
        raise ValueError(f"MATTING_MODEL: {path} does not take one picture with three colours")
    height, width = (side if isinstance(side, int) else USUAL_SIDE for side in shape[2:])
    return inputs[0].name, width, height
