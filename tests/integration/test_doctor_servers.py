"""`posegen doctor` with PostgreSQL, Temporal or workers really broken: what it finds, and its fix is one."""

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import make_url
from temporalio.client import Client

from cli.doctor.examination import Finding, State
from schema import migrate
from schema.settings import Settings
from tests.eventually import eventually
from tests.integration.examined import NOWHERE, by_the_operator, looked_over
from tests.integration.shop import Shop
from tests.servers.database_clock import DatabaseClock
from tests.servers.postgres import EMPTY, Databases, connect
from workflows import names, worker


async def test_a_missing_database_is_told_once_and_nothing_that_follows_from_it(settings: Settings) -> None:
    url = settings.database_url.get_secret_value()
    findings = await looked_over(settings, database_url=f"postgresql://u:hidden@{NOWHERE}/posegen")
    assert "127.0.0.1:9/posegen cannot be used: " in findings["database"].found
    assert "refused" in findings["database"].found
    assert "hidden" not in str(findings)
    assert findings.keys().isdisjoint({"clock", "schema", "library"})
    forged = make_url(url).set(password="forged").render_as_string(hide_password=False)
    for wrong, reason in ((url + "_gone", "does not exist"), (forged, "password authentication failed")):
        findings = await looked_over(settings, database_url=wrong)
        assert reason in findings["database"].found
    assert "no URL" in (await looked_over(settings, database_url="here"))["database"].found


async def test_a_database_of_another_version_names_the_command(
    settings: Settings, postgres_server: Databases
) -> None:
    with postgres_server.fresh(template=EMPTY) as url:
        findings = await looked_over(settings, database_url=url)
        assert findings["schema"].fix == "posegen migrate && posegen seed"
        assert "library" not in findings
        migrate.upgrade(url, "0010")
        findings = await looked_over(settings, database_url=url)
        assert findings["schema"].found.startswith("at 0010, but this posegen needs 00")
        assert findings["schema"].fix == "posegen migrate"
        migrate.upgrade(url)
        findings = await looked_over(settings, database_url=url)
        assert findings["schema"].state is State.OK
        assert findings["library"].fix == "posegen seed"
        with connect(url) as admin:
            admin.execute("UPDATE alembic_version SET version_num = '9999'")
        assert "newer than this posegen" in (await looked_over(settings, database_url=url))["schema"].found


async def test_clocks_that_differ_are_noticed_before_tokens_fail(settings: Settings, seeded_url: str) -> None:
    clock = DatabaseClock(seeded_url)
    assert (await looked_over(settings))["clock"].state is State.BROKEN
    clock.move(datetime.now(UTC) - datetime(2026, 11, 25, 12, tzinfo=UTC) + timedelta(seconds=20))
    findings = await looked_over(settings)
    assert findings["clock"].state is State.WARNING
    assert "clock is +" in findings["clock"].found


async def test_a_temporal_server_that_is_away_is_told_once(settings: Settings) -> None:
    findings = await looked_over(settings, temporal_address=NOWHERE)
    assert findings["temporal"].found == f"nobody answers at {NOWHERE}: Connection refused."
    assert findings.keys().isdisjoint({"namespace", "attributes", "payloads", "workers"})


async def test_a_missing_namespace_comes_with_the_command_that_makes_it(settings: Settings) -> None:
    name = f"shop-{uuid.uuid4().hex}"
    findings = await looked_over(settings, temporal_namespace=name)
    assert findings["namespace"].found == f"there is no namespace {name}."
    assert findings.keys().isdisjoint({"attributes", "payloads", "workers"})
    by_the_operator(findings["namespace"].fix)

    async def again() -> State:
        return (await looked_over(settings, temporal_namespace=name))["namespace"].state

    await eventually(again, lambda state: state is State.OK)


async def test_missing_search_attributes_come_with_the_commands_that_register_them(
    settings: Settings, temporal: Client
) -> None:
    options = f"--namespace {temporal.namespace} --address {settings.temporal_address}"
    attribute = "temporal operator search-attribute"
    by_the_operator(f"{attribute} remove --yes --name PoseStatus --name PoseDegraded {options}")
    by_the_operator(f"{attribute} create --name PoseStatus --type Bool {options}")

    async def seen() -> Finding:
        return (await looked_over(settings))["attributes"]

    broken = await eventually(seen, lambda finding: "another type" in finding.found)
    assert broken.found == "PoseDegraded is not registered, PoseStatus is of another type."
    assert f"{attribute} create --name PoseDegraded --type Bool {options}" in broken.fix
    by_the_operator(broken.fix)
    await eventually(seen, lambda finding: finding.state is State.OK)


@asynccontextmanager
async def serving(shop: Shop, *queues: str) -> AsyncIterator[None]:
    async with worker.serving(shop.settings, shop.temporal, queues):
        yield


async def test_queues_that_nobody_serves_are_named(shop: Shop) -> None:
    findings = await looked_over(shop.settings)
    assert findings["workers"].found.startswith(f"no worker serves {', '.join(names.QUEUES)}; 0 tasks")
    async with serving(shop, names.ORCHESTRATION, names.IMAGES):

        async def fix() -> str:
            return (await looked_over(shop.settings))["workers"].fix

        await eventually(fix, lambda said: said == "posegen worker --queues pose-flux,pose-webhooks")


async def test_tasks_that_wait_although_somebody_works_are_a_warning(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cli.doctor.engine.LONG_WAIT_S", 0.0)
    await shop.faults({"kind": "never_ends", "count": None})
    one_slot = shop.settings.model_copy(update={"flux_concurrency": 1})
    async with worker.serving(one_slot, shop.temporal):
        generation = await shop.start(await shop.order(3))

        async def seen() -> Finding:
            return (await looked_over(shop.settings))["workers"]

        warned = await eventually(seen, lambda finding: "tasks wait on pose-flux" in finding.found)
        assert warned.state is State.WARNING
        assert warned.fix == "More of: posegen worker --queues pose-flux"
        await shop.gateway.cancel(generation)
        await shop.settled(generation)


async def test_a_worker_that_no_longer_asks_for_work_is_a_warning(
    open_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that was killed is listed for minutes, like this one that waits for a task."""
    monkeypatch.setattr("cli.doctor.engine.LONG_QUIET_S", 0.5)

    async def seen() -> Finding:
        return (await looked_over(open_shop.settings))["workers"]

    warned = await eventually(seen, lambda finding: finding.state is State.WARNING)
    assert warned.found.startswith("nobody has asked for work on pose-")
