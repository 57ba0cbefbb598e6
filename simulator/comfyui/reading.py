"""What a graph is to show: read along its links from the picture back to words, seed, size and map."""

from collections.abc import Callable
from typing import Any

from simulator.comfyui.validation import Graph, is_link, reached
from simulator.pictures import Order

SIDE = 512


def order(graph: Graph, output: str, file_url: Callable[[str], str]) -> Order:
    sampler = _inputs_of(graph, reached(graph, output), "KSampler")
    latent = _inputs_of(graph, reached(graph, output), "EmptySD3LatentImage")
    positive = sampler.get("positive") or [""]
    before = reached(graph, positive[0])
    return Order(
        prompt=_prompt(graph, positive),
        seed=int(sampler.get("seed", 0)),
        width=int(latent.get("width", SIDE)),
        height=int(latent.get("height", SIDE)),
        media_type="image/png",
        control_url=_control_url(graph, before, file_url),
    )


def _inputs_of(graph: Graph, among: set[str], kind: str) -> dict[str, Any]:
    found = (graph[node_id]["inputs"] for node_id in graph if node_id in among)
    kinds = (graph[node_id]["class_type"] for node_id in graph if node_id in among)
    return next((inputs for inputs, its in zip(found, kinds, strict=True) if its == kind), {})


def _prompt(graph: Graph, link: Any) -> str:
    """Conditionings lead on by `positive` or `conditioning`, to the node that encodes words."""
    while is_link(link):
        inputs = graph[link[0]]["inputs"]
        if "text" in inputs:
            return str(inputs["text"])
        link = inputs.get("positive", inputs.get("conditioning"))
    return ""


def _control_url(graph: Graph, before: set[str], file_url: Callable[[str], str]) -> str | None:
    """As in ComfyUI, a net without strength changes nothing."""
    control = _inputs_of(graph, before, "ControlNetApplyAdvanced")
    if not float(control.get("strength", 0)) or not is_link(control["image"]):
        return None
    loaded = _inputs_of(graph, reached(graph, control["image"][0]), "LoadImage")
    return file_url(str(loaded["image"])) if loaded else None
