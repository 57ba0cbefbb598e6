"""Can this server run the graph? Its nodes and the model files that the graph names must be there."""

from collections.abc import Iterator
from typing import Any

from adapters.providers.comfyui.graph import Graph, Node
from adapters.providers.comfyui.server import Server
from schema.errors import ProviderRejected

FEW = 5


async def check(server: Server, graph: Graph) -> str:
    stats = await server.stats()
    kinds = {node["class_type"] for node in graph.nodes.values()}
    known = {kind: await server.node(kind) for kind in sorted(kinds)}
    lacking = [f"it has no node {kind}" for kind, info in known.items() if info is None]
    for node in graph.nodes.values():
        lacking += _missing_files(node, known[node["class_type"]] or {})
    if lacking:
        raise ProviderRejected(f"The server cannot run the graph: {'; '.join(lacking)}.")
    return f"ComfyUI {_version(stats)} on {_device(stats)} has all nodes and model files of the graph"


def _missing_files(node: Node, info: dict[str, Any]) -> Iterator[str]:
    """Inputs with a list of choices, of which files are one kind; what we upload is in none yet."""
    for name, spec in _inputs(info):
        value, choices = node["inputs"].get(name), _choices(spec)
        if value and isinstance(value, str) and choices is not None and value not in choices:
            there = ", ".join(map(str, choices[:FEW])) or "nothing"
            yield f"{node['class_type']} knows no {name} {value!r} (there is {there})"


def _inputs(info: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    given = info.get("input")
    for group in ("required", "optional"):
        yield from ((given or {}).get(group) or {}).items()


def _choices(spec: Any) -> list[Any] | None:
    """In the old form the type is the list itself, in the new one it is COMBO and the list an option."""
    match spec:
        case [list(choices), *_]:
            return choices
        case ["COMBO", {"options": list(choices)}, *_]:
            return choices
    return None


def _version(stats: dict[str, Any]) -> str:
    system = stats.get("system")
    return str(system.get("comfyui_version", "of unknown version")) if isinstance(system, dict) else "?"


def _device(stats: dict[str, Any]) -> str:
    match stats.get("devices"):
        case [{"name": name}, *_]:
            return str(name)
    return "no device"
