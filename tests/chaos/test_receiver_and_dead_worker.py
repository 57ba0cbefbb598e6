"""A worker dies in the middle of telling a receiver: the message comes again, as itself."""

import os
import signal

from tests.chaos.scene import Scene
from tests.eventually import eventually, until
from tests.servers.receiver import hang, receiving


async def test_a_message_outlives_the_worker_that_was_sending_it(scene: Scene) -> None:
    """Killed when the receiver has read it and before the books were told: at least once, never lost."""
    secret = (await scene.customer.ask("POST", "/webhooks/secret")).json()["secret"]
    async with receiving() as receiver:
        receiver.answers = [hang]
        await scene.customer.start(await scene.shop.poses(1), webhookUrl=receiver.url)
        await until(lambda: len(receiver.received) == 1, within_s=60)
        worker = scene.up.process("worker-1")
        os.kill(worker.pid, signal.SIGKILL)
        await until(lambda: len(receiver.received) == 2, within_s=60)
        first, second = receiver.received
        assert (first.id, first.verified(secret)) == (second.id, second.verified(secret))
        path = f"/webhooks/deliveries/{first.id}"
        seen = await eventually(
            lambda: scene.customer.get(path), lambda seen: seen["delivery"]["status"] == "delivered"
        )
    assert [each["errorCode"] for each in seen["delivery"]["attempts"]] == ["INTERRUPTED", None]


async def test_every_picture_is_told_of_whoever_dies(scene: Scene) -> None:
    """Every picture of a batch is told of, whoever dies meanwhile; repeats carry the id of the first time."""
    items = 24
    async with receiving() as receiver:
        generation = await scene.customer.start(
            await scene.shop.poses(items),
            webhookUrl=receiver.url,
            webhookEvents=["item.completed", "generation.completed"],
        )
        for done in (4, 12):
            await scene.killed(generation, done)
        await scene.released()
        await scene.delivers(generation, items)
        await until(lambda: len({each.id for each in receiver.received}) == items + 1, within_s=60)
    told = {each.payload["data"].get("index") for each in receiver.received}
    assert told == {*range(items), None}
