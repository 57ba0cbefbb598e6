"""Temporal's namespace really deleted under open generations: an operator's way back, and what money does."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from temporalio.client import Client
from temporalio.service import RPCError

from cli.doctor.examination import Finding, State
from schema.errors import Unavailable
from schema.reconciling import Reconcile
from schema.settings import Settings
from schema.tables import User
from tests.eventually import eventually
from tests.integration.examined import by_the_operator, looked_over, troubled
from tests.integration.shop import Shop
from tests.orders import deliver
from tests.servers.temporal import development_server
from workflows import names, rounds, standing, worker
from workflows.client import connect
from workflows.gateway import GenerationGateway

GIVEN, PRICE = 100_000, 30
DESK = (names.ORCHESTRATION, names.WEBHOOKS)


@pytest.fixture
async def temporal() -> AsyncIterator[Client]:
    """A server of its own: namespaces of a shared one are remembered for a while after they are gone."""
    async with development_server() as client:
        yield client


@asynccontextmanager
async def at_work(shop: Shop, queues: tuple[str, ...] = names.QUEUES) -> AsyncIterator[Shop]:
    """With a connection of its own: names of namespaces are remembered."""
    client = await connect(shop.settings, lazy=False)
    here = replace(shop, temporal=client, gateway=GenerationGateway(client))
    async with worker.serving(here.settings, client, queues):
        await eventually(partial(_asking, here), bool)
        yield here


async def _asking(shop: Shop) -> bool:
    return (await shop.gateway.health())[names.ORCHESTRATION].pollers > 0


async def made(settings: Settings) -> None:
    """The namespace, by what doctor prints: first itself, then its search attributes."""
    for check in ("namespace", "attributes"):
        finding = await eventually(
            partial(_finding, settings, check),
            lambda seen: seen is not None and seen.fix.startswith("temporal "),
        )
        assert finding
        by_the_operator(finding.fix)
        await eventually(
            partial(_finding, settings, check), lambda seen: seen is not None and seen.state is State.OK
        )


async def _finding(settings: Settings, check: str) -> Finding | None:
    return (await looked_over(settings)).get(check)


async def test_what_was_open_is_settled_and_new_orders_go_on(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standing, "CLOSING", timedelta())
    name = "shop"
    shop = replace(shop, settings=shop.settings.model_copy(update={"temporal_namespace": name}))
    await made(shop.settings)
    async with at_work(shop, DESK) as before:
        order = await before.order(3)
        await before.start(order)
        assert await deliver(before.database, order, 0)
    address = shop.settings.temporal_address
    by_the_operator(f"temporal operator namespace delete --yes --namespace {name} --address {address}")

    findings = await eventually(
        partial(looked_over, shop.settings), lambda seen: seen["namespace"].state is State.BROKEN
    )
    assert troubled(findings)[0] == "namespace"
    gone = GenerationGateway(await connect(shop.settings, lazy=False))
    with pytest.raises(Unavailable):
        await gone.start(await shop.order(1), priority_key=3)
    with pytest.raises(RPCError):
        await standing.fate(await connect(shop.settings, lazy=False), order.generation_id)
    await made(shop.settings)
    findings = await eventually(  # Temporal goes on finding the old namespace's runs by its name for seconds
        partial(looked_over, shop.settings), lambda seen: seen["runs"].state is State.BROKEN
    )
    assert troubled(findings)[0] == "runs"
    lost = f"Temporal knows nothing of 1 of 1 open generations: {order.generation_id}."
    assert findings["runs"].found == lost

    async with at_work(shop) as after:
        done = await rounds.run_now(after.temporal, Reconcile(grace_s=0))
        assert (done.generations, done.credits_refunded, done.named) == (1, 2 * PRICE, (order.generation_id,))
        await after.books_agree()
        assert (await looked_over(shop.settings))["runs"].state is State.OK
        again = await after.settled(await after.start(await after.order(1)))
        assert again.completed == 1
        await after.books_agree()
    async with shop.database.transaction() as session:
        assert (await session.get_one(User, "ann")).balance_credits == GIVEN - 2 * PRICE
