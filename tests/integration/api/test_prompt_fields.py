"""Every free text that a request may hold is decided about: checked by the prompt rules, or in no prompt.

A new field fails here until it stands in one of the two lists.
"""

from collections.abc import Iterator
from typing import Any, Final

import httpx
import pytest
from fastapi import FastAPI

from tests.integration.api.conftest import Clients, gallery
from tests.integration.api.darkroom import Darkroom
from tests.integration.api.test_custom_poses_api import document

FORBIDDEN: Final = "a nude person standing"
TEXT: Final = {"generationType": "TEXT_DESCRIPTION", "textPrompt": "standing"}
BACKGROUND: Final = {"useBackgroundChanger": True, "backgroundMode": "ai_generate"}
AVATAR: Final = {"name": "Ani"}
POSE: Final = {"name": "Mine", "description": "standing with both arms down", "openpose": document()}
LIBRARY_POSE: Final = POSE | {"categoryId": "standing", "tags": ["arms", "down"]}
WISH: Final = {"poseName": "Umbrella", "description": "holding an umbrella"}

CHECKED: Final[dict[str, tuple[str, str, dict[str, Any]]]] = {
    "GalleryOrder.prompt": ("POST", "/generate", gallery("{project}", ["pose_arms"])),
    "GalleryOrder.backgroundPrompt": ("POST", "/generate", gallery("{project}", ["pose_arms"]) | BACKGROUND),
    "TextOrder.textPrompt": ("POST", "/generate", {"projectId": "{project}"} | TEXT),
    "TextOrder.backgroundPrompt": ("POST", "/generate", {"projectId": "{project}"} | TEXT | BACKGROUND),
    "ChangeWish.backgroundPrompt": ("POST", "/poses/{item}/background", {"backgroundMode": "ai_generate"}),
    **{
        f"{draft}.{field}": (method, path, AVATAR)
        for draft, method, path in (
            ("AvatarDraft", "POST", "/avatars"),
            ("AvatarChange", "PUT", "/avatars/{avatar}"),
        )
        for field in ("ethnicity", "bodyType", "style")
    },
    "CustomPoseDraft.name": ("POST", "/projects/{project}/poses", POSE),
    "CustomPoseDraft.description": ("POST", "/projects/{project}/poses", POSE),
    "LibraryPoseDraft.name": ("POST", "/library", LIBRARY_POSE),
    "LibraryPoseDraft.description": ("POST", "/library", LIBRARY_POSE),
    "LibraryPoseChange.name": ("PATCH", "/library/pose_arms", {}),
    "LibraryPoseChange.description": ("PATCH", "/library/pose_arms", {}),
    "PoseRequestDraft.poseName": ("POST", "/requests", WISH),
    "PoseRequestDraft.description": ("POST", "/requests", WISH),
}
"""Where it is sent, and a body that is good but for it."""

IN_NO_PROMPT: Final = {
    "names a row, which is looked up": {
        "GalleryOrder.projectId", "GalleryOrder.avatarId", "GalleryOrder.selectedPoseIds[]",
        "TextOrder.projectId", "TextOrder.avatarId", "LibraryPoseDraft.categoryId",
        "LibraryPoseChange.categoryId",
        "PoseRequestDraft.categoryId", "PoseRequestChange.completedPoseId", "ProjectDraft.avatarId",
        "ProjectChange.avatarId", "ShareOrder.itemIds[]",
    },
    "names a format of ours": {
        "GalleryOrder.outputFormats[]", "TextOrder.outputFormats[]", "DownloadOrder.formatName",
        "ExportOrder.formatName",
    },
    "is an address, or an upload's id, whose picture is fetched": {
        "GalleryOrder.backgroundImageUrl", "TextOrder.backgroundImageUrl", "ChangeWish.backgroundImageUrl",
        "AvatarDraft.imageUrl", "AvatarChange.imageUrl", "ProjectDraft.avatarImageUrl",
        "ProjectChange.avatarImageUrl", "PoseRequestDraft.referenceImageUrl",
    },
    "is an address that is sent messages": {
        "GalleryOrder.webhookUrl", "TextOrder.webhookUrl", "PingDraft.url", "WebhooksChange.url",
    },
    "is a colour by its pattern": {
        "GalleryOrder.backgroundColor", "TextOrder.backgroundColor", "ChangeWish.backgroundColor",
    },
    "is a file": {"POST /uploads.file"},
    "is shown to its user alone": {
        "AvatarDraft.name", "AvatarChange.name", "ProjectDraft.projectName", "ProjectDraft.description",
        "ProjectChange.projectName", "ProjectChange.description",
    },
    "is an administrator's, for those who search and look": {
        "LibraryPoseDraft.tags[]", "LibraryPoseDraft.licenseType", "LibraryPoseDraft.sourceCredit",
        "LibraryPoseChange.tags[]", "LibraryPoseChange.licenseType", "LibraryPoseChange.sourceCredit",
        "PoseRequestChange.adminNotes",
    },
}  # fmt: skip
"""The reason, and the fields that it holds for."""


def texts(document: dict[str, Any]) -> set[str]:
    """All strings in all bodies that are no closed set of words, by model and field."""
    return {
        field
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        for body in operation.get("requestBody", {}).get("content", {}).values()
        for field in _texts(document, body["schema"], _named(method, path), frozenset())
    }


def _named(method: str, path: str) -> str:
    """Of a body without a model of its own."""
    return f"{method.upper()} /{path.rpartition('/')[2]}"


def _texts(document: dict[str, Any], schema: dict[str, Any], at: str, seen: frozenset[str]) -> Iterator[str]:
    if name := schema.get("$ref", "").rpartition("/")[2]:
        if name not in seen:
            yield from _texts(document, document["components"]["schemas"][name], name, seen | {name})
        return
    if schema.get("type") == "string" and not schema.keys() & {"enum", "const"}:
        yield at
    for part, where in _parts(schema):
        yield from _texts(document, part, at + where, seen)


def _parts(schema: dict[str, Any]) -> Iterator[tuple[dict[str, Any], str]]:
    for way in ("anyOf", "oneOf", "allOf"):
        yield from ((part, "") for part in schema.get(way, ()))
    yield from ((part, f".{name}") for name, part in schema.get("properties", {}).items())
    yield from ((part, "[]") for part in (*schema.get("prefixItems", ()), schema.get("items")) if part)
    if isinstance(other := schema.get("additionalProperties"), dict):
        yield other, "{}"


def test_every_text_of_every_request_is_decided_about(app: FastAPI) -> None:
    exempt = [field for fields in IN_NO_PROMPT.values() for field in fields]
    decided = {*CHECKED, *exempt}
    assert len(decided) == len(CHECKED) + len(exempt), "each is in one list"
    found = texts(app.openapi())
    assert found - decided == set(), "may these reach a provider's prompt?"
    assert decided - found == set(), "these are no longer there"


def test_the_walk_finds_texts_wherever_they_are() -> None:
    deep = {"anyOf": [{"type": "null"}, {"type": "array", "items": {"$ref": "#/components/schemas/Inner"}}]}
    inner = {
        "properties": {
            "words": {"type": "string"}, "kind": {"type": "string", "enum": ["a"]},
            "more": {"additionalProperties": {"type": "string"}},
            "again": {"$ref": "#/components/schemas/Inner"},
        }
    }  # fmt: skip
    body = {"requestBody": {"content": {"application/json": {"schema": {"properties": {"deep": deep}}}}}}
    made = {"paths": {"/a/b": {"post": body}}, "components": {"schemas": {"Inner": inner}}}
    assert texts(made) == {"Inner.words", "Inner.more{}"}


@pytest.fixture
async def places(
    ana: httpx.AsyncClient, project: str, darkroom: Darkroom, poses: list[str]
) -> dict[str, str]:
    avatar = await ana.post("/avatars", json=AVATAR)
    generation = await darkroom.order(poses[:1])
    await darkroom.deliver(generation, [0])
    item = (await darkroom.item(generation, 0)).id
    return {"project": project, "avatar": avatar.json()["avatar"]["id"], "item": item}


async def test_each_that_may_reach_a_prompt_is_refused_at_the_door(
    as_user: Clients, ana: httpx.AsyncClient, places: dict[str, str]
) -> None:
    clients = {"Library": as_user("root", role="admin")}
    for field, (method, path, body) in CHECKED.items():
        model, _, name = field.partition(".")
        client = clients.get(model[:7], ana)
        wanted = {key: value.format(**places) if key == "projectId" else value for key, value in body.items()}
        answer = await client.request(method, path.format(**places), json=wanted | {name: FORBIDDEN})
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "INVALID_PROMPT"), field
