"""API, Temporal or PostgreSQL die in the middle of a batch: it ends well, and its watcher misses nothing."""

import asyncio
import os
import signal

import pytest

from tests.chaos.scene import Scene
from tests.chaos.stream import tell_everything_once, watched
from tests.eventually import until

ITEMS = 12


@pytest.mark.parametrize(("server", "connections_needed"), [("api", 2), ("temporal", 1), ("postgres", 1)])
async def test_a_killed_server_comes_back_and_nobody_misses_anything(
    server: str, connections_needed: int, scene: Scene
) -> None:
    generation = await scene.order(ITEMS)
    watching = asyncio.create_task(watched(scene.customer, generation))
    await scene.reached(generation, 2)
    old = scene.up.process(server)
    os.kill(old.pid, signal.SIGKILL)
    await until(lambda: scene.up.process(server) != old)
    connections = await watching
    assert len(connections) == connections_needed
    tell_everything_once(connections, ITEMS)
    await scene.delivers(generation, ITEMS)
    await scene.paid_once(ITEMS)
