"""Avatars made over the API, and a site that shows a picture for them."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.integration.api.handing_in import picture
from tests.servers.site import Site, opened


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with opened() as site:
        site.show("/me.png", picture())
        yield site


async def created(client: httpx.AsyncClient, **fields: Any) -> dict[str, Any]:
    answer = await client.post("/avatars", json={"name": "Me"} | fields)
    assert answer.status_code == 201, answer.text
    return dict(answer.json()["avatar"])
