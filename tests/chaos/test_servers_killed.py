"""PostgreSQL or Temporal die under accepted work: it ends well, and its watcher misses nothing."""

import asyncio
import signal

from tests.chaos.scene import Scene
from tests.chaos.stream import tell_everything_once, watched
from tests.eventually import eventually, until

ITEMS = 12


async def test_a_killed_database_comes_back_and_nobody_misses_anything(scene: Scene) -> None:
    generation = await scene.order(ITEMS)
    watching = asyncio.create_task(watched(scene.customer, generation))
    await scene.reached(generation, 2)
    await killed(scene, "postgres")
    connections = await watching
    assert len(connections) == 1
    tell_everything_once(connections, ITEMS)
    await scene.delivers(generation, ITEMS)
    await scene.paid_once(ITEMS)


async def test_accepted_work_that_waits_in_temporal_outlives_it(scene: Scene) -> None:
    """The provider takes nothing on meanwhile, so all of it waits, and nothing of it is anywhere else."""
    await scene.shop.faults({"kind": "rate_limited", "stage": "submit", "count": None, "seconds": 1})
    generation = await scene.order(ITEMS)
    watching = asyncio.create_task(watched(scene.customer, generation))
    await eventually(scene.shop.refusals, lambda count: count > 0)
    await killed(scene, "temporal")
    assert await scene.shop.submissions() == []
    await scene.shop.sim.delete("/_sim/faults")
    connections = await watching
    assert len(connections) == 1
    tell_everything_once(connections, ITEMS)
    await scene.delivers(generation, ITEMS)
    await scene.paid_once(ITEMS)


async def killed(scene: Scene, server: str) -> None:
    """Returns once the supervisor has started another."""
    old = scene.up.process(server)
    scene.up.send(server, signal.SIGKILL)
    await until(lambda: scene.up.process(server) != old)
