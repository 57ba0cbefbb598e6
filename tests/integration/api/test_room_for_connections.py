"""How many connections there may be, and which of them makes room for another."""

import pytest
from fastapi import FastAPI

from api.app import PREFIX
from api.server import files
from tests.eventually import until
from tests.integration.api.wires import error, get, services, wire


async def test_the_quietest_connection_makes_room(base_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_CONNECTIONS", 2)
    async with wire(base_url) as quiet, wire(base_url) as younger, wire(base_url) as newest:
        assert await quiet.ended()
        for client in (younger, newest):
            await client.send(get("/livez"))
            assert (await client.answer())[0] == 200


async def test_streams_are_not_cut_for_who_comes_later(
    base_url: str, app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "MAX_CONNECTIONS", 2)
    async with wire(base_url) as one, wire(base_url) as other:
        for client in (one, other):
            await client.send(get(f"{PREFIX}/events"))
        await until(lambda: services(app).hub.seats.in_use == 2)
        async with wire(base_url) as late:
            assert error(await late.answer()) == (503, "UNAVAILABLE")
        assert services(app).hub.seats.in_use == 2


def test_room_is_by_the_files_that_may_be_open(monkeypatch: pytest.MonkeyPatch) -> None:
    for soft, room in ((20_000, 8192), (1024, 768), (300, 150)):
        monkeypatch.setattr("resource.getrlimit", lambda _, soft=soft: (soft, 20_000))
        assert files.room() == room
