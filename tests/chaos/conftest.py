"""The product as its user runs it, and a customer at its door while its processes are killed."""

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.chaos.scene import Scene, opened
from tests.servers.up import Up, posegen_up


@pytest.fixture(scope="session")
def up() -> Iterator[Up]:
    """One stack for all: whatever a kill broke for good, the next test finds."""
    with posegen_up("--latency", "2") as up:
        yield up


@pytest.fixture
async def scene(up: Up) -> AsyncIterator[Scene]:
    async with opened(up) as scene:
        yield scene
