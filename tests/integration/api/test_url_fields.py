"""No field leads us into our own network: every one that takes an address is tried with all that do.

How names, redirects and rebinding are dealt with is the client's matter, and tested there: tests of
adapters.public.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Final

import httpx
import pytest

from schema.database import Database
from schema.settings import Settings
from tests.integration.api.conftest import gallery
from tests.integration.api.darkroom import Darkroom
from tests.integration.api.test_prompt_fields import IN_NO_PROMPT
from tests.orders import sql

UPLOADED: Final = {"useBackgroundChanger": True, "backgroundMode": "upload"}
TEXT: Final = {
    "projectId": "{project}",
    "generationType": "TEXT_DESCRIPTION",
    "textPrompt": "standing",
    "batchSize": 1,
}
GALLERY: Final = gallery("{project}", ["pose_arms"], batchSize=1)
WISH: Final = {"poseName": "Umbrella", "description": "holding an umbrella"}
WAYS: Final[dict[str, tuple[str, str, dict[str, Any]]]] = {
    "GalleryOrder.backgroundImageUrl": ("POST", "/generate", GALLERY | UPLOADED),
    "TextOrder.backgroundImageUrl": ("POST", "/generate", TEXT | UPLOADED),
    "ChangeWish.backgroundImageUrl": ("POST", "/poses/{item}/background", {"backgroundMode": "upload"}),
    "AvatarDraft.imageUrl": ("POST", "/avatars", {"name": "Ani"}),
    "AvatarChange.imageUrl": ("PUT", "/avatars/{avatar}", {}),
    "ProjectDraft.avatarImageUrl": ("POST", "/projects", {"projectName": "Shop"}),
    "ProjectChange.avatarImageUrl": ("PUT", "/projects/{project}", {}),
    "PoseRequestDraft.referenceImageUrl": ("POST", "/requests", WISH),
    "GalleryOrder.webhookUrl": ("POST", "/generate", GALLERY),
    "TextOrder.webhookUrl": ("POST", "/generate", TEXT),
    "PingDraft.url": ("POST", "/webhooks/test", {}),
    "WebhooksChange.url": ("PUT", "/webhooks", {}),
}
HOSTILE: Final = (
    "https://127.0.0.1:{port}/", "http://127.0.0.1:{port}/", "https://localhost:{port}/", "https://[::1]:{port}/",
    "https://127.1:{port}/", "https://0x7f000001:{port}/", "https://2130706433:{port}/",
    "https://017700000001:{port}/", "https://127.0.0.1.:{port}/", "https://[::ffff:127.0.0.1]:{port}/",
    "https://[64:ff9b::7f00:1]:{port}/", "https://0.0.0.0:{port}/", "https://127。0。0。1:{port}/",
    "https://%31%32%37.0.0.1:{port}/", "https://ann@127.0.0.1:{port}/", "https://shop.example\\@127.0.0.1:{port}/",
    "https://10.0.0.1/", "https://192.168.0.1/", "https://169.254.169.254/latest/meta-data/",
    "https://[fd00:ec2::254]/", "https://100.100.100.200/", "file:///etc/passwd", "gopher://127.0.0.1:{port}/",
    "ftp://127.0.0.1:{port}/", "//127.0.0.1:{port}/", "data:image/png;base64,AAAA", "javascript:alert(1)",
)  # fmt: skip


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Where nobody may point to this machine."""
    return settings.model_copy(update={"environment": "production"})


@pytest.fixture
async def trap() -> AsyncIterator[tuple[int, list[bytes]]]:
    """A port of this machine, and what came to it."""
    came: list[bytes] = []

    async def caught(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        came.append(await reader.read(100))
        writer.close()

    server = await asyncio.start_server(caught, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1], came


@pytest.fixture
async def places(ana: httpx.AsyncClient, darkroom: Darkroom, poses: list[str]) -> dict[str, str]:
    avatar = (await ana.post("/avatars", json={"name": "Ani"})).json()["avatar"]["id"]
    generation = await darkroom.order(poses[:1])
    await darkroom.deliver(generation, [0])
    item = await darkroom.item(generation)
    return {"project": darkroom.project, "avatar": avatar, "item": item.id}


def test_every_field_that_takes_an_address_is_tried() -> None:
    known = {field for reason, fields in IN_NO_PROMPT.items() if "address" in reason for field in fields}
    assert set(WAYS) == known


@pytest.mark.parametrize("field", WAYS)
async def test_no_field_leads_inside(
    *,
    ana: httpx.AsyncClient,
    database: Database,
    places: dict[str, str],
    trap: tuple[int, list[bytes]],
    field: str,
) -> None:
    port, came = trap
    method, path, body = WAYS[field]
    name = field.partition(".")[2]
    wanted = {key: value.format(**places) if key == "projectId" else value for key, value in body.items()}
    before = await traces(database)
    for hostile in HOSTILE:
        url = hostile.format(port=port)
        answer = await ana.request(method, path.format(**places), json=wanted | {name: url})
        error = answer.json()["error"]
        assert (answer.status_code, error["code"]) == (400, "VALIDATION_ERROR"), f"{url}: {answer.text}"
        assert [detail["path"].rpartition(".")[2] for detail in error["details"]] == [name], url
    assert came == []
    assert await traces(database) == before


async def traces(database: Database) -> list[tuple[Any, ...]]:
    """What a request that was let in would leave."""
    tables = ("uploads", "pose_generations", "background_changes", "webhook_deliveries", "avatars", "credits")
    return [row for table in tables for row in await sql(database, f"SELECT count(*) FROM {table}")]
