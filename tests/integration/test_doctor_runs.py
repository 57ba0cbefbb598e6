"""`posegen doctor` where all servers answer and something is wrong all the same: the first cause is named."""

from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial

import pytest

from cli.doctor.examination import Finding, State
from schema import ids
from schema.settings import Settings
from tests.eventually import eventually
from tests.integration.examined import looked_over, troubled
from tests.integration.front_door import Customer
from tests.integration.shop import Shop
from tests.servers.workers import working
from workflows import names, policies, standing, worker

HELD = {"kind": "error_503", "stage": "status", "count": None}


async def found(settings: Settings, check: str) -> Finding:
    return (await looked_over(settings))[check]


async def test_an_account_without_money_is_told_although_the_service_answers(open_shop: Shop) -> None:
    """It takes the key; only what costs money is refused."""
    await open_shop.faults({"kind": "locked", "stage": "submit", "count": None})
    await open_shop.settled(await open_shop.start(await open_shop.order(3)))
    findings = await looked_over(open_shop.settings)
    assert findings["provider"].state is State.OK
    assert troubled(findings)[0] == "pictures"
    assert findings["pictures"].found.startswith("our account was refused 3 pictures in the last ")
    assert "FAL_KEY" in findings["pictures"].fix
    await open_shop.sim.delete("/_sim/faults")
    await open_shop.settled(await open_shop.start(await open_shop.order(1)))
    assert (await found(open_shop.settings, "pictures")).state is State.OK


async def test_many_pictures_that_fail_are_told_with_their_codes(open_shop: Shop) -> None:
    await open_shop.faults({"kind": "error_422", "stage": "submit", "count": 3})
    await open_shop.settled(await open_shop.start(await open_shop.order(10)))
    told = await found(open_shop.settings, "pictures")
    assert told.state is State.WARNING, "some come"
    assert told.found == "3 of 10 pictures failed in the last 30 minutes: PROVIDER_REJECTED 3."


async def test_pictures_that_all_fail_are_broken(open_shop: Shop) -> None:
    await open_shop.faults({"kind": "error_422", "stage": "submit", "count": None})
    await open_shop.settled(await open_shop.start(await open_shop.order(10)))
    assert (await found(open_shop.settings, "pictures")).state is State.BROKEN


async def test_a_run_whose_tasks_fail_is_named(open_shop: Shop) -> None:
    """Nobody can read its order, so no worker can decide anything about it."""
    unreadable = await open_shop.temporal.start_workflow(
        "GenerationWorkflow", {"no": "order"}, id=ids.generation_id(), task_queue=names.ORCHESTRATION
    )
    look = partial(found, open_shop.settings, "tasks")
    told = await eventually(look, lambda seen: seen.state is State.BROKEN, within_s=60)
    assert told.found == f"1 running generations cannot go on: {unreadable.id}."
    await unreadable.terminate()
    await eventually(look, lambda seen: seen.state is State.OK)


async def test_runs_that_wait_for_the_service_are_named_until_they_go_on(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policies, "DEGRADED_CHECK", timedelta(seconds=0.2))
    patient = shop.settings.model_copy(update={"flux_call_timeout_s": 120})
    await shop.faults(HELD)
    async with worker.serving(patient, shop.temporal):
        generation = await shop.start(await shop.order(2))
        look = partial(found, shop.settings, "waits")
        told = await eventually(look, lambda finding: finding.state is State.WARNING)
        assert told.found == f"1 of 1 running generations wait for the image service: {generation}."
        await shop.sim.delete("/_sim/faults")
        await shop.settled(generation)
        await eventually(look, lambda finding: finding.state is State.OK)


@pytest.fixture
async def desk(shop: Shop) -> AsyncIterator[Shop]:
    """Nobody makes pictures, so generations stay open."""
    async with worker.serving(shop.settings, shop.temporal, (names.ORCHESTRATION,)):
        yield shop


async def test_an_open_generation_that_somebody_stopped_is_a_warning(
    desk: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standing, "CLOSING", timedelta())
    stopped, alive = [await desk.start(await desk.order(1)) for _ in range(2)]
    assert (await found(desk.settings, "runs")).found == "2 generations are open in the books and run"
    await desk.temporal.get_workflow_handle(stopped).terminate("by hand")
    told = await found(desk.settings, "runs")
    assert (told.state, told.fix) == (State.WARNING, "posegen reconcile")
    assert told.found == f"1 of 2 open generations have no running workflow: {stopped}."
    assert alive not in told.found


async def test_a_worker_that_dies_again_and_again_is_told(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that was replaced once by each of a rollout is not."""
    monkeypatch.setattr("cli.doctor.engine.LONG_QUIET_S", 3.0)

    async def asked_since(count: int) -> bool:
        return (await shop.gateway.health())[names.WEBHOOKS].pollers > count

    for deaths in range(3):
        async with working(shop.settings) as process:
            await eventually(partial(asked_since, deaths), bool, within_s=60)
            process.kill()
    async with working(shop.settings):
        look = partial(found, shop.settings, "workers")
        told = await eventually(look, lambda finding: "have gone" in finding.found, within_s=60)
    assert told.state is State.WARNING
    assert "3 workers of pose-webhooks have gone within five minutes" in told.found


async def test_receivers_secrets_of_another_service_secret_are_a_warning(
    ann: Customer, open_shop: Shop
) -> None:
    assert (await ann.ask("POST", "/webhooks/secret")).status_code == 200
    told = await found(open_shop.settings, "receivers")
    assert told.state is State.WARNING
    assert told.found == "1 of 1 webhook secrets were sealed with another JWT_SECRET."
    same = await looked_over(open_shop.settings, jwt_secret=open_shop.settings.jwt_secret)
    assert same["receivers"].found == "1 webhook secrets open"
