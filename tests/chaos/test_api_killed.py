"""The API dies when the customer has paid and nobody has told it so yet."""

import asyncio
import signal
from functools import partial

import httpx
import pytest

from schema.database import Database
from schema.queries import locks
from schema.reconciling import Fate
from schema.tables import Generation, IdempotencyKey
from tests.chaos.runner.customers import patiently
from tests.chaos.scene import Scene
from tests.eventually import eventually, until
from workflows import standing

ITEMS, KEY = 6, "once"


async def test_an_api_that_dies_between_charge_and_answer_has_lost_nothing(scene: Scene) -> None:
    """The charge is held up by a lock while the API is stopped, so that it can never answer."""
    customer, database = scene.customer, scene.shop.database
    order = customer.order(await scene.shop.poses(ITEMS))
    api = scene.up.process("api")
    async with database.transaction() as session:
        await locks.user(session, customer.name)
        asking = asyncio.create_task(customer.generate(order, KEY))
        generation = await eventually(partial(claimed, database, customer.name), bool)
        ask = partial(standing.fate, scene.shop.temporal, generation)
        await eventually(ask, lambda fate: fate is Fate.RUNNING)
        scene.up.send("api", signal.SIGSTOP)
    await eventually(partial(is_charged, database, generation), bool)
    scene.up.send("api", signal.SIGKILL)
    with pytest.raises(httpx.TransportError):
        await asking

    await until(lambda: scene.up.process("api") != api)
    again = await patiently(lambda: customer.generate(order, KEY))
    assert (again.status_code, again.headers["Idempotency-Replayed"]) == (202, "true")
    assert again.json()["generationId"] == generation
    await scene.delivers(generation, ITEMS)
    await scene.paid_once(ITEMS)


async def claimed(database: Database, user: str) -> str:
    """The generation that the key stands for, once the API has said so."""
    async with database.transaction() as session:
        known = await session.get(IdempotencyKey, (user, KEY))
    return known.generation_id if known else ""


async def is_charged(database: Database, generation_id: str) -> bool:
    async with database.transaction() as session:
        return await session.get(Generation, generation_id) is not None
