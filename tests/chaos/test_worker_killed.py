"""Workers die or freeze in the middle of a batch: nothing is lost, and nothing is paid twice."""

import asyncio
import os
import signal
from functools import partial

from tests.chaos.calls import calls_of, is_serving, recorded, taken_over, waits_s
from tests.chaos.scene import Scene
from tests.chaos.stream import tell_everything_once, watched
from tests.eventually import eventually, until

ITEMS = 24
AGAIN_WITHIN_S = 10
"""Five the server waits for a heartbeat; the rest is for a machine busy with other tests, which has to start
a worker meanwhile. A machine of its own does it within six."""


async def test_after_three_deaths_in_one_batch_all_of_it_is_delivered_and_paid_once(scene: Scene) -> None:
    """What the dead have begun runs again at once, and whoever watches misses nothing."""
    generation = await scene.order(ITEMS)
    watching = asyncio.create_task(watched(scene.customer, generation))
    strikes = [await scene.killed(generation, done) for done in (4, 8, 12)]
    await scene.released()
    await scene.delivers(generation, ITEMS)
    await scene.paid_once(ITEMS)
    connections = await watching
    assert len(connections) == 1
    tell_everything_once(connections, ITEMS)
    waits = await waits_s(scene.shop.temporal, generation, *strikes)
    assert max(waits) < AGAIN_WITHIN_S, waits


async def test_only_calls_that_the_server_never_heard_of_are_paid_twice(scene: Scene) -> None:
    """The window that nobody can close: from the provider's acceptance to the heartbeat that tells of it."""
    items, unheard_of = 8, 2
    await scene.shop.faults({"kind": "silence", "stage": "submit", "count": unheard_of})
    generation = await scene.order(items)
    await eventually(scene.shop.submissions, lambda log: len(log) == items)
    pid = scene.up.process("worker-1").pid

    temporal = scene.shop.temporal

    async def heard_of() -> int:
        return len(await recorded(temporal, await calls_of(temporal, generation, pid)))

    await eventually(heard_of, lambda count: count == items - unheard_of)
    os.kill(pid, signal.SIGKILL)
    await scene.delivers(generation, items)
    seeds = [entry["seed"] for entry in await scene.shop.submissions()]
    assert (len(seeds), len(set(seeds))) == (items + unheard_of, items)


async def test_a_worker_told_to_stop_ends_what_it_has_begun(scene: Scene) -> None:
    generation = await scene.order(ITEMS)
    await scene.reached(generation, 4)
    old = scene.up.process("worker-1")
    os.kill(old.pid, signal.SIGTERM)
    await until(lambda: scene.up.process("worker-1") != old)
    assert "worker-1 ended with exit code 0; starting it again" in scene.up.said
    await scene.delivers(generation, ITEMS)
    await scene.paid_once(ITEMS)


async def test_a_frozen_worker_that_goes_on_makes_nothing_that_another_has_taken_over(scene: Scene) -> None:
    """Its calls hang at the provider meanwhile, so that all of them are still under way when it wakes."""
    with scene.up.another_worker() as frozen:
        await eventually(partial(is_serving, scene.shop.temporal, frozen), bool)
        await scene.held(after=4)
        generation = await scene.order(ITEMS)
        watching = asyncio.create_task(watched(scene.customer, generation))
        strike = await scene.frozen(generation, frozen, calls=2)
        other = scene.up.process("worker-1").pid
        await eventually(partial(taken_over, scene.shop.temporal, generation, strike, other), bool)
        os.kill(frozen, signal.SIGCONT)
        await scene.released()
        await scene.delivers(generation, ITEMS)
    await scene.paid_once(ITEMS)
    tell_everything_once(await watching, ITEMS)
    assert [found.key async for found in scene.shop.storage.list("staging/")] == []
