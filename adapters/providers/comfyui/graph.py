"""What ComfyUI is told to run: a graph in API format with places that are filled for each picture.

A place is a node with a certain title, so that an operator can mark the places of a graph of their own in the
editor. Everything else in the graph is theirs: models, steps, sampler, further nodes.
"""

import copy
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

Node = dict[str, Any]

TITLE: Final = "posegen: "
PLACES: Final[dict[str, tuple[tuple[str, ...], ...]]] = {
    "prompt": (("text", "clip_l", "t5xxl"),),
    "size": (("width",), ("height",)),
    "seed": (("seed", "noise_seed"),),
    "map": (("image",),),
    "control": (("strength",), ("end_percent",)),
    "picture": (),
}
"""For each place the inputs that are filled; of each group its node has at least one."""

MODEL_INPUTS: Final = ("unet_name", "ckpt_name")


class GraphError(ValueError):
    """The operator's graph cannot be used; the message says what to change in it."""


@dataclass(frozen=True)
class Graph:
    nodes: dict[str, Node]
    places: dict[str, str]
    """The id of each place's node."""

    @property
    def model(self) -> str:
        inputs = [node["inputs"] for node in self.nodes.values()]
        named = (one[name] for one in inputs for name in MODEL_INPUTS if isinstance(one.get(name), str))
        return next(named, "comfyui")

    def filled(self, values: Mapping[str, Any]) -> dict[str, Node]:
        nodes = copy.deepcopy(self.nodes)
        for place, node_id in self.places.items():
            inputs = nodes[node_id]["inputs"]
            wanted = {name for group in PLACES[place] for name in group}
            inputs.update({name: values[name] for name in wanted & inputs.keys()})
        return nodes


def load(path: Path | None) -> Graph:
    source = path or files("adapters.providers.comfyui") / "flux_pose.json"
    try:
        nodes = json.loads(source.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise GraphError(f"COMFYUI_GRAPH {path} cannot be read as JSON: {error}") from error
    try:
        return parse(nodes)
    except GraphError as error:
        raise GraphError(f"COMFYUI_GRAPH {path}: {error}") from error


def parse(nodes: Any) -> Graph:
    if isinstance(nodes, dict) and isinstance(nodes.get("nodes"), list):
        raise GraphError("this is the editor's own format. In ComfyUI choose Workflow, Export (API).")
    if not isinstance(nodes, dict) or not nodes or not all(map(_is_node, nodes.values())):
        raise GraphError("not a graph in API format, which has class_type and inputs for each node.")
    places = {place: _only(place, nodes) for place in PLACES}
    for place, node_id in places.items():
        for group in PLACES[place]:
            if not nodes[node_id]["inputs"].keys() & set(group):
                raise GraphError(f"the node titled '{TITLE}{place}' has no input {' or '.join(group)}.")
    return Graph(nodes, places)


def _is_node(node: Any) -> bool:
    return (
        isinstance(node, dict)
        and isinstance(node.get("class_type"), str)
        and isinstance(node.get("inputs"), dict)
    )


def _only(place: str, nodes: Mapping[str, Node]) -> str:
    found = list(_titled(TITLE + place, nodes))
    if len(found) != 1:
        has = "no node is" if not found else f"nodes {', '.join(found)} are all"
        raise GraphError(f"{has} titled '{TITLE}{place}'; exactly one must be.")
    return found[0]


def _titled(title: str, nodes: Mapping[str, Node]) -> Iterator[str]:
    for node_id, node in nodes.items():
        meta = node.get("_meta")
        if isinstance(meta, dict) and str(meta.get("title", "")).strip().lower() == title:
            yield node_id
