"""Cancelling is best effort: it never raises, never takes long, and tells the log what came of it."""

import asyncio
import logging

import httpx
import pytest

from tests.unit.fal_script import HANDLE, KEY, FalScript, breaks, reply


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (200, "OK"),
        (202, "CANCELLATION_REQUESTED"),
        (400, "ALREADY_COMPLETED"),
        (404, "NOT_FOUND"),
        (500, "OK"),
    ],
)
async def test_every_known_answer_ends_it(status: int, answer: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "adapters.providers.fal")
    script = FalScript(cancel=[reply(status, {"status": answer})])
    await script.provider().cancel(HANDLE)
    (sent,) = script.requests
    assert (sent.method, str(sent.url)) == ("PUT", HANDLE.cancel_url)
    assert sent.headers["authorization"] == f"Key {KEY}"
    (record,) = caplog.records
    assert (record.levelno, answer in record.message) == (logging.INFO, True)


@pytest.mark.parametrize("status", [200, 302, 401, 404, 422])
async def test_other_definite_answers_are_not_asked_again(
    status: int, caplog: pytest.LogCaptureFixture
) -> None:
    script = FalScript(cancel=[reply(status, b"")])
    await script.provider().cancel(HANDLE)
    assert len(script.requests) == 1
    assert f"HTTP {status}" in caplog.text


async def test_trouble_is_asked_again() -> None:
    trouble = [breaks(httpx.ConnectError), reply(503, b""), reply(429, b"", {"Retry-After": "2"})]
    script = FalScript(cancel=[*trouble, reply(200, {"status": "OK"})])
    await script.provider().cancel(HANDLE)
    assert len(script.requests) == 4
    assert script.sleeps_s[-1] == 2


async def test_it_gives_up_in_time(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr("adapters.providers.fal.queue.CANCEL_S", 0.05)
    async with asyncio.timeout(5):
        await FalScript(cancel=[breaks(httpx.ReadTimeout)]).provider().cancel(HANDLE)
    assert "could not be cancelled: TimeoutError" in caplog.text


async def test_its_own_cancellation_passes_through() -> None:
    asked = asyncio.Event()

    def answer() -> httpx.Response:
        asked.set()
        return httpx.Response(503)

    cancelling = asyncio.create_task(FalScript(cancel=[answer]).provider().cancel(HANDLE))
    await asked.wait()
    cancelling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await cancelling
