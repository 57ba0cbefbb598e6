"""The product as its user runs it, and a customer at its door while its processes are killed."""

from collections.abc import AsyncIterator

import pytest

from tests.chaos.scene import Scene, opened
from tests.servers.up import Up


@pytest.fixture
async def scene(up: Up) -> AsyncIterator[Scene]:
    async with opened(up) as scene:
        yield scene
