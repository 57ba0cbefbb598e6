"""Pictures judged by a classifier from a file, of any usual shape; what cannot work is told at once."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

from adapters.judging.factory import open_check, open_judge
from adapters.judging.model import Classifier
from adapters.providers.fal import FalCheck
from schema.kinds import ColourScale, PictureCheck
from schema.settings import Settings

RED, BLUE = Image.new("RGB", (300, 200), (255, 0, 0)), Image.new("RGB", (300, 200), (0, 0, 255))
TO_TWO = ((-4.0, 4.0), (0.0, 0.0), (4.0, -4.0))
"""What the mean of each colour adds to the two classes: red is improper."""


def net(
    path: Path, weights: Any = TO_TWO, *, last: str = "", colours_first: bool = True, side: Any = 32
) -> Path:
    """A real one: the mean colours, weighed for each class, and whatever comes `last`."""
    weighed = np.asarray(weights, np.float32)
    shape = [1, 3, side, side] if colours_first else [1, side, side, 3]
    axes = np.array([2, 3] if colours_first else [1, 2], np.int64)
    nodes = [
        helper.make_node("ReduceMean", ["pixels", "axes"], ["means"], keepdims=0),
        helper.make_node("MatMul", ["means", "weights"], ["scores"]),
        *([helper.make_node(last, ["scores"], ["last"])] if last else []),
    ]
    graph = helper.make_graph(
        nodes,
        "net",
        [helper.make_tensor_value_info("pixels", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("last" if last else "scores", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(axes, "axes"), numpy_helper.from_array(weighed, "weights")],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)])
    made.ir_version = 10
    onnx.save(made, path)
    return path


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"last": "Softmax"},
        {"colours_first": False},
        {"side": "any"},
        {"weights": [[8.0], [0.0], [-8.0]]},
        {"weights": [[8.0], [0.0], [-8.0]], "last": "Sigmoid"},
    ],
    ids=str,
)
def test_every_usual_shape_is_understood(tmp_path: Path, form: dict[str, Any]) -> None:
    judge = Classifier(net(tmp_path / "net.onnx", **form), (1,), ColourScale.CENTRED)
    assert judge(RED) > 0.99
    assert judge(BLUE) < 0.01


def test_which_classes_are_improper_is_said_and_their_shares_are_added(tmp_path: Path) -> None:
    file = net(tmp_path / "net.onnx", [[1.0, 2.0, 2.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    first, both = (Classifier(file, classes, ColourScale.UNIT)(RED) for classes in ((0,), (1, 2)))
    assert first == pytest.approx(np.exp(1) / (np.exp(1) + 2 * np.exp(2)), abs=1e-4)
    assert both == pytest.approx(1 - first, abs=1e-4)


@pytest.mark.parametrize(
    ("scale", "seen"),
    [
        (ColourScale.CENTRED, (1, -1, -1)),
        (ColourScale.UNIT, (1, 0, 0)),
        (ColourScale.IMAGENET, (2.2489, -2.0357, -1.8044)),
        (ColourScale.CAFFE, (-104, -117, 132)),
    ],
)
def test_colours_are_scaled_as_the_net_wants_them(
    tmp_path: Path, scale: ColourScale, seen: tuple[float, float, float]
) -> None:
    judge = Classifier(net(tmp_path / "net.onnx", np.eye(3)), (0,), scale)
    assert np.allclose(judge._scores(RED), seen, atol=1e-3)


def test_what_is_at_the_edge_is_seen_too(tmp_path: Path) -> None:
    judge = Classifier(net(tmp_path / "net.onnx"), (1,), ColourScale.CENTRED)
    wide = Image.new("RGB", (900, 100), (0, 0, 255))
    wide.paste((255, 0, 0), (0, 0, 300, 100))
    wide.paste((255, 0, 0), (600, 0, 900, 100))
    assert judge(wide) > 0.9


def test_an_answer_that_is_no_number_is_no_judgement(tmp_path: Path) -> None:
    judge = Classifier(net(tmp_path / "net.onnx", np.full((3, 2), np.inf)), (1,), ColourScale.CENTRED)
    with pytest.raises(ArithmeticError):
        judge(RED)


def settings(**values: Any) -> Settings:
    return Settings(_env_file=None, **values)


def test_it_is_off_unless_asked_for(tmp_path: Path) -> None:
    assert settings().picture_check is PictureCheck.OFF
    unused = settings(picture_check_model=net(tmp_path / "net.onnx"))
    assert (open_judge(unused), open_check(unused)) == (None, None)
    asked = settings(picture_check="model", picture_check_model=net(tmp_path / "net.onnx"))
    assert isinstance(open_judge(asked), Classifier)
    assert open_check(asked) is None
    by_provider = settings(picture_check="provider", fal_key="k")
    assert isinstance(open_check(by_provider), FalCheck)
    assert open_judge(by_provider) is None


def test_what_cannot_work_is_said_at_the_start(tmp_path: Path) -> None:
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"not a model")
    good = net(tmp_path / "net.onnx")
    _refused(open_judge, "PICTURE_CHECK_MODEL, the path")
    _refused(open_judge, "there is no file", picture_check_model=tmp_path / "none.onnx")
    _refused(open_judge, "no model that onnxruntime can run", picture_check_model=broken)
    _refused(open_judge, "has the classes 0 to 1", picture_check_model=good, picture_check_classes=(2,))
    _refused(open_judge, "has the classes 0 to 1", picture_check_model=good, picture_check_classes=())
    _refused(open_check, "needs FLUX_PROVIDER=fal", picture_check="provider", flux_provider="comfyui")


def _refused(opened: Callable[[Settings], Any], why: str, **values: Any) -> None:
    with pytest.raises(ValueError, match=why):
        opened(settings(**({"picture_check": "model"} | values)))


def test_classes_are_set_with_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PICTURE_CHECK_CLASSES", "1, 3,4")
    assert settings().picture_check_classes == (1, 3, 4)
