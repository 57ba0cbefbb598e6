"""The document says in OpenAPI 3.0 all that FastAPI says in 3.1."""

from collections.abc import Iterator
from typing import Any

import pytest

from api.app import create_app
from api.dialect import LISTS, VERSION, schema
from schema.settings import Settings

REF = {"$ref": "#/components/schemas/Pose"}
OTHER = {"$ref": "#/components/schemas/Item"}
NULL = {"type": "null"}
TEXT = {"type": "string"}
PAIR = {"type": "array", "prefixItems": [{"type": "number"}, {"type": "number"}], "minItems": 2}
NEWER = {"const", "examples", "prefixItems", "contentMediaType", "propertyNames", "$defs"}


@pytest.mark.parametrize(
    ("newer", "older"),
    [
        ({"anyOf": [TEXT, NULL], "title": "Name"}, TEXT | {"nullable": True}),
        ({"anyOf": [REF, NULL], "default": None}, {"allOf": [REF], "default": None, "nullable": True}),
        ({"anyOf": [TEXT, REF, NULL]}, {"anyOf": [TEXT, REF], "nullable": True}),
        ({"anyOf": [REF, OTHER]}, {"oneOf": [REF, OTHER]}),
        ({"anyOf": [{}, NULL]}, {"nullable": True}),
        (REF, REF),
        (REF | {"default": "a"}, {"allOf": [REF], "default": "a"}),
        ({"const": "a", "type": "string"}, {"enum": ["a"], "type": "string"}),
        ({"items": PAIR}, {"items": {"type": "array", "items": {"type": "number"}, "minItems": 2}}),
        ({"type": "array", "prefixItems": [TEXT, REF]}, {"type": "array", "items": {"anyOf": [TEXT, REF]}}),
        ({"exclusiveMinimum": 0}, {"minimum": 0, "exclusiveMinimum": True}),
        ({"exclusiveMaximum": 1}, {"maximum": 1, "exclusiveMaximum": True}),
        (TEXT | {"contentMediaType": "application/octet-stream"}, TEXT | {"format": "binary"}),
        (TEXT | {"examples": ["a", "b"]}, TEXT | {"example": "a"}),
        ({"propertyNames": TEXT, "additionalProperties": True}, {"additionalProperties": True}),
        ({"additionalProperties": {"const": 1}}, {"additionalProperties": {"enum": [1]}}),
        ({"properties": {"title": {"const": 1}}}, {"properties": {"title": {"enum": [1]}}}),
        ({"default": {"title": "kept", "const": 1}}, {"default": {"title": "kept", "const": 1}}),
    ],
)  # fmt: skip
def test_each_word_has_its_older_one(newer: dict[str, Any], older: dict[str, Any]) -> None:
    assert schema(newer) == older


def test_the_document_has_no_word_of_the_newer_version() -> None:
    document = create_app(Settings(_env_file=None)).openapi()
    assert document["openapi"] == VERSION
    found = list(schemas(document, inside=False))
    assert len(found) > 500
    for node in found:
        assert not NEWER & node.keys(), node
        assert node.get("type") != "null", node
        assert isinstance(node.get("exclusiveMinimum", True), bool), node
        assert "$ref" not in node or len(node) == 1, node


def test_every_answer_says_what_it_is_made_of() -> None:
    """A response class with a media type of its own would take the errors' schema along to that type."""
    for path, operations in create_app(Settings(_env_file=None)).openapi()["paths"].items():
        for operation in operations.values():
            for status, answer in operation["responses"].items():
                for media_type, content in answer.get("content", {}).items():
                    assert "schema" in content, (path, status, media_type)
                assert status[0] == "2" or answer["content"].keys() == {"application/json"}, (path, status)


def schemas(node: Any, *, inside: bool) -> Iterator[dict[str, Any]]:
    """Every schema, wherever it stands; what only looks like one (examples, defaults) is none."""
    if isinstance(node, list):
        for member in node:
            yield from schemas(member, inside=inside)
    elif isinstance(node, dict):
        if inside:
            yield node
        for key, value in node.items():
            if key in ("schema", "items", "additionalProperties", *LISTS):
                yield from schemas(value, inside=True)
            elif key in ("properties", "schemas"):
                yield from schemas(list(value.values()), inside=True)
            elif key not in ("example", "examples", "default"):
                yield from schemas(value, inside=False)
