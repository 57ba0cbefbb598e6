"""A configured model file cuts figures out, and whatever is wrong with it is told at the start."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

from adapters import model_file
from adapters.matting import factory, model
from adapters.matting.factory import by_provider, open_cutter
from imaging.matting.cut import cut_out
from schema.errors import BadImage
from schema.settings import Settings
from tests.dressed import overlap, scene

PAPER = (240, 240, 240)


def net(path: Path, side: int | str = 64, channels: int = 3) -> Path:
    """Of the same shape as a U2-Net: sure of a pixel as far as it differs from white in any colour."""
    taken = helper.make_tensor_value_info("input.1", TensorProto.FLOAT, [1, channels, side, side])
    given = helper.make_tensor_value_info("1959", TensorProto.FLOAT, [1, 1, side, side])
    parameters = {"gain": [-1.2], "rise": [2.2], "axes": np.array([1], np.int64)}
    nodes = [
        helper.make_node("ReduceMin", ["input.1", "axes"], ["darkest"], keepdims=1),
        helper.make_node("Mul", ["darkest", "gain"], ["dark"]),
        helper.make_node("Add", ["dark", "rise"], ["raised"]),
        helper.make_node("Sigmoid", ["raised"], ["1959"]),
    ]
    kept = [
        numpy_helper.from_array(np.asarray(value, np.int64 if name == "axes" else np.float32), name)
        for name, value in parameters.items()
    ]
    made = helper.make_model(
        helper.make_graph(nodes, "net", [taken], [given], kept), opset_imports=[helper.make_opsetid("", 18)]
    )
    made.ir_version = 10
    onnx.save(made, path)
    return path


def settings(**values: Any) -> Settings:
    return Settings(_env_file=None, **values)


@pytest.mark.parametrize("side", [64, 320, "any"])
def test_a_model_file_is_used_where_there_is_one(tmp_path: Path, side: int | str) -> None:
    cutter = open_cutter(settings(matting_model=net(tmp_path / "u2net.onnx", side)))
    assert isinstance(cutter, model.U2Net)
    one = scene(4, 256, PAPER)
    share = cutter(one.picture, None)
    assert (share.size, share.mode) == (one.picture.size, "L")
    assert overlap(share, one) > 0.9
    with pytest.raises(BadImage, match="no figure"):
        cutter(Image.new("RGB", (200, 300), "white"), None)


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"matting": "embedded", "matting_model": "u2net.onnx"},
        {"matting": "provider", "matting_model": "u2net.onnx"},
    ],
)
def test_else_the_embedded_way_is(values: dict[str, Any]) -> None:
    assert open_cutter(settings(**values)) is cut_out


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, True),
        ({"fal_queue_url": "http://127.0.0.1:8190"}, False),
        ({"matting_model": "u2net.onnx"}, False),
        ({"flux_provider": "comfyui"}, False),
        ({"matting": "embedded"}, False),
        ({"matting": "model", "matting_model": "u2net.onnx"}, False),
        ({"matting": "provider", "fal_queue_url": "http://127.0.0.1:8190"}, True),
        ({"matting": "provider", "matting_model": "u2net.onnx"}, True),
    ],
)
def test_the_provider_cuts_out_if_it_can_and_is_no_simulator(
    values: dict[str, Any],
    expected: bool,  # noqa: FBT001 - a test's parameter
) -> None:
    assert by_provider(settings(**values)) is expected


def test_what_cannot_work_is_said_at_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"not a model")
    grey = net(tmp_path / "grey.onnx", channels=1)
    _refused(open_cutter, "MATTING_MODEL, the path", matting="model")
    _refused(open_cutter, "there is no file", matting_model=tmp_path / "none.onnx")
    _refused(open_cutter, "no model that onnxruntime can run", matting_model=broken)
    _refused(open_cutter, "three colours", matting_model=grey)
    _refused(factory.open_matting, "needs FLUX_PROVIDER=fal", matting="provider", flux_provider="comfyui")
    monkeypatch.setattr(model_file, "find_spec", lambda name: None)
    _refused(open_cutter, r"pip install 'posegen\[models\]'", matting_model=grey)


def _refused(opened: Callable[[Settings], Any], why: str, **values: Any) -> None:
    with pytest.raises(ValueError, match=why):
        opened(settings(**values))
