"""The document in OpenAPI 3.0, the version that client generators read in full; FastAPI writes 3.1.

What 3.1 says in JSON Schema's words (null as a type, constants, tuples, lists of examples) is said in 3.0's.
"""

from collections.abc import Callable, Iterator
from typing import Any, Final

Node = dict[str, Any]

VERSION: Final = "3.0.3"
LISTS: Final = ("allOf", "anyOf", "oneOf")
NULL: Final = {"type": "null"}


def speak_3_0(document: Node) -> Node:
    for name, component in document["components"]["schemas"].items():
        document["components"]["schemas"][name] = schema(component) | {"title": name}
    for operation in _operations(document):
        for holder in _holders(operation):
            if "schema" in holder:
                holder["schema"] = schema(holder["schema"])
    return document | {"openapi": VERSION}


def schema(node: Node) -> Node:
    """Parts first; titles go, since each of them only repeats a name."""
    node = {key: _part(key, value) for key, value in node.items() if key not in ("title", "propertyNames")}
    for rule in (_nullable, _choice, _constant, _tuple, _limits, _file, _example, _reference):
        node = rule(node)
    return node


def _part(key: str, value: Any) -> Any:
    if key == "properties":
        return {name: schema(member) for name, member in value.items()}
    if key in LISTS or key == "prefixItems":
        return [schema(member) for member in value if member != NULL] + [NULL] * (NULL in value)
    return schema(value) if key in ("items", "additionalProperties") and isinstance(value, dict) else value


def _nullable(node: Node) -> Node:
    choices = node.get("anyOf", [])
    if NULL not in choices:
        return node
    others = [choice for choice in choices if choice != NULL]
    rest = {key: value for key, value in node.items() if key != "anyOf"}
    return {**(others[0] if len(others) == 1 else {"anyOf": others}), **rest, "nullable": True}


def _choice(node: Node) -> Node:
    """Between models: it is one of them, and clients get a type that holds any."""
    choices = node.get("anyOf", [])
    if not choices or not all("$ref" in choice for choice in choices):
        return node
    return _replaced(node, "anyOf", lambda models: {"oneOf": models})


def _constant(node: Node) -> Node:
    return _replaced(node, "const", lambda value: {"enum": [value]})


def _tuple(node: Node) -> Node:
    """All members of one kind, as ours are; where they differ, any of the kinds."""

    def items(members: list[Node]) -> Node:
        kinds = [kind for n, kind in enumerate(members) if kind not in members[:n]]
        return {"items": kinds[0] if len(kinds) == 1 else {"anyOf": kinds}}

    return _replaced(node, "prefixItems", items)


def _limits(node: Node) -> Node:
    for side in ("minimum", "maximum"):
        exclusive = f"exclusive{side.capitalize()}"
        if exclusive in node:
            node = node | {side: node[exclusive], exclusive: True}
    return node


def _file(node: Node) -> Node:
    return _replaced(node, "contentMediaType", lambda _: {"format": "binary"})


def _example(node: Node) -> Node:
    return _replaced(node, "examples", lambda examples: {"example": examples[0]})


def _reference(node: Node) -> Node:
    """Beside a reference nothing else counts, so what is said beside it goes around it."""
    if "$ref" not in node or len(node) == 1:
        return node
    return {"allOf": [{"$ref": node["$ref"]}]} | {key: value for key, value in node.items() if key != "$ref"}


def _replaced(node: Node, key: str, by: Callable[[Any], Node]) -> Node:
    if key not in node:
        return node
    return {other: value for other, value in node.items() if other != key} | by(node[key])


def _operations(document: Node) -> Iterator[Node]:
    for path in document["paths"].values():
        for operation in path.values():
            yield operation
            for callback in operation.get("callbacks", {}).values():
                yield from _operations({"paths": callback})


def _holders(operation: Node) -> Iterator[Node]:
    """Whatever may hold a schema: parameters, bodies, answers and their headers."""
    yield from operation.get("parameters", [])
    for message in (operation.get("requestBody", {}), *operation["responses"].values()):
        yield from message.get("headers", {}).values()
        yield from message.get("content", {}).values()
