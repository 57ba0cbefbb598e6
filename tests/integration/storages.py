"""Each storage in turn, empty, and what the tests put into it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.storage import Storage
from tests.servers.storage import Place, empty_place, local_settings, s3_settings

KEY = "generated/gen_1/item_1.png"
STAGED = "staging/gen_1/item_1-7"
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 1000


@pytest.fixture(params=["local", "s3"])
async def place(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Place]:
    server = request.getfixturevalue("s3_server") if request.param == "s3" else None
    async with empty_place(local_settings(tmp_path) if server is None else s3_settings(server)) as place:
        yield place


async def names(storage: Storage, prefix: str = "") -> list[str]:
    return sorted([info.key async for info in storage.list(prefix)])
