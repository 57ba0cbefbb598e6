"""The simulator's fal queue with two slots and a key, and the fields that bring pictures into an order."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest

from tests.servers.simulator import simulator

KEY = "a-key"
SLOTS = 2


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with simulator("--latency-s", "0.05", "--concurrency", str(SLOTS), "--key", KEY) as address:
        yield address


@pytest.fixture
async def fal(url: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=url, headers={"Authorization": f"Key {KEY}"}) as client:
        yield client
        (await client.delete("/_sim")).raise_for_status()


def control(url: str) -> dict[str, Any]:
    return {"controlnets": [{"path": "a/net", "control_image_url": url}]}


def shown(url: str) -> dict[str, Any]:
    return {"reference_image_url": url}
