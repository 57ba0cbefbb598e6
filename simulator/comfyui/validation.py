"""ComfyUI's checks of a graph before it is queued, and the words it refuses one with.

Node errors stand at the node that is wrong; nodes that depend on it are wrong without errors of their own.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from simulator.comfyui import nodes
from simulator.comfyui.nodes import Spec

Graph = dict[str, Any]
Error = dict[str, Any]
FEW = 20


@dataclass
class Verdict:
    error: Error | None = None
    node_errors: dict[str, Any] = field(default_factory=dict)
    outputs: list[str] = field(default_factory=list)


def judge(graph: Any, has_file: Callable[[str], bool]) -> Verdict:
    if not isinstance(graph, dict) or not graph:
        return Verdict(_error("no_prompt", "No prompt provided", "No prompt provided"))
    for node_id, node in graph.items():
        if refused := _unknown(node_id, node):
            return Verdict(refused)
    saving = [node_id for node_id, node in graph.items() if node["class_type"] in nodes.SAVING]
    if not saving:
        return Verdict(_error("prompt_no_outputs", "Prompt has no outputs", ""))
    wrong = {node_id: errors for node_id in graph if (errors := list(_errors(graph, node_id, has_file)))}
    good = [node_id for node_id in saving if not wrong.keys() & reached(graph, node_id)]
    told = {node_id: _told(graph, node_id, errors, saving) for node_id, errors in wrong.items()}
    if good:
        return Verdict(None, told, good)
    details = "\n".join(f"{one['message']}: {one['details']}" for errors in wrong.values() for one in errors)
    message = "Prompt outputs failed validation"
    return Verdict(_error("prompt_outputs_failed_validation", message, details), told)


def reached(graph: Graph, node_id: str) -> set[str]:
    """The node and everything it is made from."""
    seen: set[str] = set()
    ahead = [node_id]
    while ahead:
        here = ahead.pop()
        if here not in seen and here in graph:
            seen.add(here)
            ahead += [value[0] for value in graph[here].get("inputs", {}).values() if is_link(value)]
    return seen


def is_link(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and isinstance(value[0], str)  # noqa: PLR2004 - a pair


def _unknown(node_id: str, node: Any) -> Error | None:
    kind = node.get("class_type") if isinstance(node, dict) else None
    if kind is None:
        message = "Cannot execute because a node is missing the class_type property."
    elif kind not in nodes.INPUTS:
        message = f"Cannot execute because node {kind} does not exist."
    else:
        return None
    return _error("invalid_prompt", message, f"Node ID '#{node_id}'")


def _errors(graph: Graph, node_id: str, has_file: Callable[[str], bool]) -> Iterator[Error]:
    node = graph[node_id]
    given = node.get("inputs", {})
    for name, spec in nodes.INPUTS[node["class_type"]].items():
        if name not in given:
            yield _error("required_input_missing", "Required input is missing", name, input_name=name)
        elif node["class_type"] == "LoadImage":
            if not has_file(str(given[name])):
                details = f"{name} - Invalid image file: {given[name]}"
                yield _error("custom_validation_failed", "Custom validation failed for node", details)
        elif error := _wrong(graph, name, spec, given[name]):
            yield error


def _wrong(graph: Graph, name: str, spec: Spec, value: Any) -> Error | None:
    if is_link(value):
        return _wrong_link(graph, name, spec, value)
    kind, options = spec[0], spec[1] if len(spec) > 1 else {}
    choices = kind if isinstance(kind, list) else options.get("options")
    if choices is not None:
        shown = f"(list of length {len(choices)})" if len(choices) > FEW else str(choices)
        details = f"{name}: '{value}' not in {shown}"
        return None if value in choices else _error("value_not_in_list", "Value not in list", details)
    if kind in nodes.LINK_TYPES:
        return _error("bad_linked_input", "Bad linked input, must be a length-2 list", name)
    return _out_of_range(name, kind, options, value)


def _wrong_link(graph: Graph, name: str, spec: Spec, link: Any) -> Error | None:
    source, slot = link
    kinds = nodes.OUTPUTS.get(graph[source]["class_type"], []) if source in graph else []
    kind = kinds[slot] if isinstance(slot, int) and slot < len(kinds) else "nothing"
    if kind == spec[0]:
        return None
    details = f"{name}, received_type({kind}) mismatch input_type({spec[0]})"
    return _error("return_type_mismatch", "Return type mismatch between linked nodes", details)


def _out_of_range(name: str, kind: str, options: dict[str, Any], value: Any) -> Error | None:
    convert = {"INT": int, "FLOAT": float}.get(kind)
    if convert is None:
        return None
    try:
        number = convert(value)
    except (TypeError, ValueError) as error:
        message = f"Failed to convert an input value to a {kind} value"
        return _error("invalid_input_type", message, f"{name}, {value}, {error}")
    if number < options["min"]:
        message = f"Value {value} smaller than min of {options['min']}"
        return _error("value_smaller_than_min", message, name)
    if number > options["max"]:
        return _error("value_bigger_than_max", f"Value {value} bigger than max of {options['max']}", name)
    return None


def _told(graph: Graph, node_id: str, errors: list[Error], saving: list[str]) -> dict[str, Any]:
    dependent = [output for output in saving if node_id in reached(graph, output)]
    return {"errors": errors, "dependent_outputs": dependent, "class_type": graph[node_id]["class_type"]}


def _error(kind: str, message: str, details: str, **extra: Any) -> Error:
    return {"type": kind, "message": message, "details": details, "extra_info": extra}
