"""The database put back from a backup while Temporal has gone on: what an operator does, what money does."""

import asyncio
import subprocess
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import make_url

from cli.doctor.examination import State
from cli.up import programs
from schema.kinds import GenerationStatus
from schema.queries.audit import Finding
from schema.reconciling import Reconcile
from schema.tables import User
from tests.eventually import eventually
from tests.integration.examined import looked_over
from tests.integration.shop import Shop
from tests.servers.postgres import connect
from workflows import rounds, standing, worker

GIVEN, PRICE = 100_000, 30


async def test_books_from_before_some_orders(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standing, "CLOSING", timedelta())
    backup = tmp_path / "backup"
    async with worker.serving(shop.settings, shop.temporal):
        finished = await shop.start(await shop.order(2))
        await shop.settled(finished)
        open_then = await shop.start(await shop.order(9))
        await asyncio.to_thread(_back_up, shop, backup)
        await shop.settled(open_then)
        await shop.faults({"kind": "never_ends", "count": None})
        begun_since = await shop.start(await shop.order(3))
    await shop.database.close()
    await asyncio.to_thread(_restore, shop, backup)

    async with worker.serving(shop.settings, shop.temporal):
        stray = Finding(standing.FORGOTTEN, begun_since, "its workflow still runs")
        await eventually(partial(_findings, shop), lambda found: stray in found)
        told = (await looked_over(shop.settings))["runs"]
        assert told.found == f"the books know nothing of 1 generations that run: {begun_since}."
        await shop.temporal.get_workflow_handle(begun_since).terminate("not in the books")
        done = await rounds.run_now(shop.temporal, Reconcile(grace_s=0))
        assert (done.generations, done.named) == (1, (open_then,))
        assert (await looked_over(shop.settings))["runs"].state is State.OK
    assert await _findings(shop) == []
    await shop.books_agree()
    assert (await shop.generation(finished)).status == GenerationStatus.COMPLETED
    async with shop.database.transaction() as session:
        left = (await session.get_one(User, "ann")).balance_credits
    delivered = len([item for item in await shop.items(open_then) if item.status == "completed"])
    assert left == GIVEN - PRICE * (2 + delivered)


async def _findings(shop: Shop) -> list[Finding]:
    return await standing.findings(shop.database, shop.temporal, timedelta())


def _url(shop: Shop) -> str:
    return shop.settings.database_url.get_secret_value()


def _back_up(shop: Shop, backup: Path) -> None:
    _program("pg_dump", "--format=custom", f"--file={backup}", _url(shop))


def _restore(shop: Shop, backup: Path) -> None:
    address = make_url(_url(shop))
    with connect(address.set(database="postgres").render_as_string(hide_password=False)) as admin:
        admin.execute(f'DROP DATABASE "{address.database}" WITH (FORCE)'.encode())
        admin.execute(f'CREATE DATABASE "{address.database}"'.encode())
    _program("pg_restore", "--exit-on-error", f"--dbname={_url(shop)}", str(backup))


def _program(name: str, *words: str) -> None:
    subprocess.run([programs.postgres(None, None) / "bin" / name, *words], check=True, capture_output=True)
