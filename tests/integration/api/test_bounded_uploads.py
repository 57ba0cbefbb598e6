"""Uploads and fetched pictures: how many at once, on their way and in memory."""

import asyncio
import logging
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from adapters import intake
from adapters.http import Reply
from api import services as api_services
from api.app import PREFIX
from api.services import Services
from schema.kinds import UploadPurpose
from tests.eventually import until
from tests.integration.api.conftest import Clients
from tests.integration.api.darkroom import photograph
from tests.integration.api.wires import LONG_GOOD, error, wire

PART = b"--x\r\nContent-Disposition: form-data; name=file; filename=a.png\r\n\r\n"
HEAD = (
    f"POST {PREFIX}/uploads HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=x\r\n"
    f"Authorization: Bearer {LONG_GOOD}\r\nContent-Length: 100000\r\n\r\n"
)


@pytest.fixture
def parts(app: FastAPI, base_url: str) -> Services:
    found: Services = app.state.services
    return found


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest, settings: Any, gateway: Any) -> Any:
    from api.app import create_app

    monkeypatch.setattr(api_services, "UPLOADS", 2)
    monkeypatch.setattr(api_services, "UPLOADS_PER_USER", 1)
    return create_app(settings, gateway=gateway)


async def test_a_user_has_so_many_uploads_on_their_way(
    base_url: str, parts: Services, ana: httpx.AsyncClient, as_user: Clients
) -> None:
    async with wire(base_url) as slow:
        await slow.send(HEAD, PART)
        await until(lambda: parts.upload_slots.in_use == 1)
        refused = await ana.post("/uploads", files={"file": photograph(1)})
        assert (refused.status_code, refused.json()["error"]["code"]) == (429, "RATE_LIMITED")
        assert refused.headers["Retry-After"] == "10"
        assert (await as_user("ben").post("/uploads", files={"file": photograph(1)})).status_code == 201
    await until(lambda: parts.upload_slots.in_use == 0)
    assert (await ana.post("/uploads", files={"file": photograph(1)})).status_code == 201


async def test_whatever_ends_an_upload_frees_its_place(
    base_url: str, parts: Services, ana: httpx.AsyncClient
) -> None:
    for files in ({"file": b"no picture"}, {"other": photograph(1)}, {"file": b""}):
        assert (await ana.post("/uploads", files=files)).is_client_error
        assert parts.upload_slots.in_use == 0
    async with wire(base_url) as broken:
        await broken.send(HEAD, b"no part of it at all" * 5000)
        assert error(await broken.answer())[0] == 400
    assert parts.upload_slots.in_use == 0


async def test_an_upload_that_breaks_off_is_no_failure_of_ours(
    base_url: str, parts: Services, caplog: pytest.LogCaptureFixture
) -> None:
    async with wire(base_url) as leaving:
        await leaving.send(HEAD, PART)
        await until(lambda: parts.upload_slots.in_use == 1)
    await until(lambda: parts.upload_slots.in_use == 0)
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


async def test_few_uploads_are_in_memory_at_once(
    parts: Services, ana: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside, most = 0, 0

    async def counted(*_: object) -> bytes:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        await asyncio.sleep(0.02)
        inside -= 1
        return photograph(1)

    await ana.get("/credits")
    keep = [parts.intake.read_and_keep("ana", UploadPurpose.AVATAR, counted) for _ in range(8)]
    await asyncio.gather(*keep)
    assert most == intake.READ_AT_ONCE


async def test_so_many_pictures_are_fetched_at_once(
    parts: Services, as_user: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "FETCHES_IN_ALL", 3)
    asked, answered = asyncio.Semaphore(0), asyncio.Event()

    async def get(*_: object, **__: object) -> Reply:
        asked.release()
        await answered.wait()
        return Reply(200, httpx.Headers(), photograph(1))

    monkeypatch.setattr(parts.public, "get", get)
    body = {"name": "Me", "imageUrl": "https://shop.example/me.png"}
    waiting = [asyncio.create_task(as_user(f"user{n}").post("/avatars", json=body)) for n in range(3)]
    for _ in waiting:
        await asked.acquire()
    refused = await as_user("late").post("/avatars", json=body)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "5")
    answered.set()
    assert [answer.status_code for answer in await asyncio.gather(*waiting)] == [201] * 3
    assert (await as_user("late").post("/avatars", json=body)).status_code == 201
