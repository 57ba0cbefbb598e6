"""`posegen up` itself: killed and started again it finishes what was running; stopped it leaves nothing."""

import signal

from tests.chaos.scene import opened
from tests.eventually import until
from tests.servers.up import left_of, posegen_up

ITEMS = 12
SOON = ("--latency", "1")


async def test_killed_it_goes_on_at_the_next_start_and_stopped_it_leaves_nothing() -> None:
    with posegen_up(*SOON) as up:
        async with opened(up) as scene:
            generation = await scene.order(ITEMS)
            await scene.reached(generation, 4)
            killed, user = up.stack, scene.customer.name
        assert up.stop(signal.SIGKILL) == -signal.SIGKILL
        await until(lambda: left_of(killed) == [])

        up.start(*SOON)
        async with opened(up, user) as scene:
            await scene.delivers(generation, ITEMS)
            await scene.reached(await scene.order(ITEMS), 2)
            running = up.stack
        assert left_of(running) != []
        assert up.stop(signal.SIGINT) == 0
        assert left_of(running) == []
        assert sorted(path.name for path in up.home.iterdir()) == ["data", "errors", "tmp"]
        assert list(up.temporary.iterdir()) == []
        assert not (up.data / "stack.json").exists()
