"""A graph's places are found by their titles, filled for each picture, and missed in words that help."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from adapters.providers.comfyui import ComfyProvider, graph
from adapters.providers.factory import open_provider
from schema.settings import Settings

VALUES = {
    "text": "a woman waving", "clip_l": "a woman waving", "t5xxl": "a woman waving",
    "width": 832, "height": 1216, "seed": 7, "noise_seed": 7,
    "image": "posegen/abc.png", "strength": 0.9, "end_percent": 0.65,
}  # fmt: skip
Nodes = dict[str, Any]


def shipped() -> Nodes:
    return copy.deepcopy(graph.load(None).nodes)


def test_the_shipped_graph_takes_all_that_a_picture_says() -> None:
    filled = graph.load(None).filled(VALUES)
    assert filled["prompt"]["inputs"]["text"] == "a woman waving"
    assert filled["nothing"]["inputs"]["text"] == ""
    assert filled["sampler"]["inputs"]["seed"] == 7
    assert (filled["size"]["inputs"]["width"], filled["size"]["inputs"]["height"]) == (832, 1216)
    assert filled["map"]["inputs"] == {"image": "posegen/abc.png"}
    control = filled["control"]["inputs"]
    assert (control["strength"], control["start_percent"], control["end_percent"]) == (0.9, 0.0, 0.65)


def test_filling_leaves_the_graph_as_it_is_and_its_links_alone() -> None:
    loaded = graph.load(None)
    before = json.dumps(loaded.nodes)
    filled = loaded.filled(VALUES)
    assert json.dumps(loaded.nodes) == before
    assert filled["control"]["inputs"]["positive"] == ["guidance", 0]
    assert filled.keys() == loaded.nodes.keys()


def test_every_link_of_the_shipped_graph_leads_to_a_node() -> None:
    nodes = shipped()
    links = [value for node in nodes.values() for value in node["inputs"].values() if isinstance(value, list)]
    assert {source for source, _ in links} <= nodes.keys()


def test_other_samplers_and_encoders_have_other_names_for_it() -> None:
    nodes = shipped()
    nodes["sampler"]["inputs"]["noise_seed"] = nodes["sampler"]["inputs"].pop("seed")
    nodes["prompt"]["inputs"] |= {"clip_l": "", "t5xxl": ""}
    del nodes["prompt"]["inputs"]["text"]
    filled = graph.parse(nodes).filled(VALUES)
    assert filled["sampler"]["inputs"]["noise_seed"] == 7
    assert "seed" not in filled["sampler"]["inputs"]
    assert filled["prompt"]["inputs"]["t5xxl"] == filled["prompt"]["inputs"]["clip_l"] == "a woman waving"


@pytest.mark.parametrize(
    ("name", "model"), [("unet_name", "mine.gguf"), ("ckpt_name", "flux1-dev-fp8.safetensors")]
)
def test_the_model_is_the_file_it_loads(name: str, model: str) -> None:
    nodes = shipped()
    nodes["model"]["inputs"] = {name: model}
    assert graph.parse(nodes).model == model


def without(place: str) -> Callable[[Nodes], object]:
    return lambda nodes: nodes[place].pop("_meta")


def lacking(node: str, name: str) -> Callable[[Nodes], object]:
    return lambda nodes: nodes[node]["inputs"].pop(name)


def twice(nodes: Nodes) -> None:
    nodes["nothing"]["_meta"] = {"title": " Posegen: Prompt "}


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (without("map"), "no node is titled 'posegen: map'"),
        (without("picture"), "no node is titled 'posegen: picture'"),
        (twice, "nodes prompt, nothing are all titled 'posegen: prompt'"),
        (lacking("sampler", "seed"), "titled 'posegen: seed' has no input seed or noise_seed"),
        (lacking("size", "height"), "titled 'posegen: size' has no input height"),
        (lacking("control", "end_percent"), "titled 'posegen: control' has no input end_percent"),
    ],
)
def test_a_place_that_is_missing_is_named(spoil: Callable[[Nodes], object], said: str) -> None:
    nodes = shipped()
    spoil(nodes)
    with pytest.raises(graph.GraphError, match=said):
        graph.parse(nodes)


@pytest.mark.parametrize("nodes", [[], {}, None, {"3": {}}, {"3": {"class_type": "KSampler"}}, {"3": 1}])
def test_what_is_no_graph_is_said_to_be_none(nodes: Any) -> None:
    with pytest.raises(graph.GraphError, match="not a graph in API format"):
        graph.parse(nodes)


def test_the_editors_own_format_is_recognised() -> None:
    with pytest.raises(graph.GraphError, match=r"Export \(API\)"):
        graph.parse({"nodes": [], "links": [], "version": 0.4})


@pytest.mark.parametrize("content", [None, b"{", b"\xff\xfe", b"{}"])
def test_a_file_that_cannot_be_used_names_itself(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "mine.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ValueError, match=r"COMFYUI_GRAPH .*mine\.json"):
        open_provider(Settings(flux_provider="comfyui", comfyui_graph=path))


@pytest.mark.parametrize(
    ("url", "allow_http", "good"),
    [
        ("http://127.0.0.1:8188", False, True),
        ("http://localhost:8188/", False, True),
        ("https://gpu.example/comfyui", False, True),
        ("http://gpu.example:8188", False, False),
        ("http://10.0.0.7:8188", True, True),
        ("ftp://127.0.0.1", True, False),
        ("gpu.example:8188", True, False),
    ],
)
async def test_the_open_network_needs_tls_unless_it_is_trusted(
    url: str, *, allow_http: bool, good: bool
) -> None:
    settings = Settings(comfyui_url=url, comfyui_allow_http=allow_http)
    if good:
        await ComfyProvider(settings).close()
    else:
        with pytest.raises(ValueError, match="COMFYUI_URL"):
            ComfyProvider(settings)
