"""The queue tells when a request is over. Whatever becomes of that stream, it says nothing of the request."""

import asyncio
import time
from collections.abc import AsyncIterator

import httpx
import pytest

from adapters.providers import Picture
from adapters.providers.fal import queue
from schema.errors import ItemError, ProviderRejected, ProviderUnavailable
from tests.unit.fal_script import (
    COMPLETED,
    HANDLE,
    IN_PROGRESS,
    KEY,
    PICTURE,
    STREAM_URL,
    Answer,
    FalScript,
    breaks,
    reply,
    told,
)

DONE = Picture(data=PICTURE, content_type="image/png", seed=77)
SAID_ALL, FOR_EVER = b'data: {"status": "COMPLETED"}\n\n', 3600.0
WAITING, OVER = {"status": "IN_PROGRESS"}, {"status": "COMPLETED"}


async def test_who_is_told_need_not_ask() -> None:
    script = FalScript(stream=[told({"status": "IN_QUEUE"}, WAITING, OVER)])
    assert await script.provider().wait(HANDLE) == DONE
    (listened,) = script.calls("stream")
    assert (str(listened.url), listened.headers["authorization"]) == (STREAM_URL, f"Key {KEY}")
    assert (script.calls("status"), script.sleeps_s) == ([], [])


async def test_a_stream_beside_an_address_with_a_query() -> None:
    script = FalScript(stream=[told(OVER)])
    asked = HANDLE.model_copy(update={"status_url": f"{HANDLE.status_url}?shard=7"})
    assert await script.provider().wait(asked) == DONE
    assert str(script.calls("stream")[0].url) == f"{STREAM_URL}?shard=7"


@pytest.mark.parametrize(
    "stream",
    [
        *(reply(status, {"detail": "no"}) for status in (204, 302, 400, 401, 404, 405, 410, 429, 500, 503)),
        reply(200, {"status": "COMPLETED"}),
        told(),
        told(WAITING),
        told(WAITING, body=b"data: {\n\ndata: []\n\n: a comment\n\n"),
        told(WAITING, body=b'data: {"status": "COMPLETED"}'),
        told(body=b"data: " + b"x" * 25 * 2**20),
        breaks(httpx.ReadError),
        breaks(httpx.ReadTimeout),
        breaks(httpx.ConnectTimeout),
    ],
)
async def test_where_it_tells_nothing_the_request_is_asked_for(stream: Answer) -> None:
    script = FalScript(stream=[stream], status=[IN_PROGRESS, COMPLETED])
    assert await script.provider().wait(HANDLE) == DONE
    assert len(script.calls("status")) == 2


class Spoken(httpx.AsyncByteStream):
    """Events, and the seconds between them."""

    def __init__(self, *parts: bytes | float) -> None:
        self._parts = parts

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for part in self._parts:
            if isinstance(part, bytes):
                yield part
            else:
                await asyncio.sleep(part)


def spoken(*parts: bytes | float) -> Answer:
    kind = {"content-type": "text/event-stream"}
    return lambda: httpx.Response(200, stream=Spoken(*parts), headers=kind)


async def test_a_silent_one_is_not_listened_to_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "SHORTEST_LISTENING_S", 0.05)
    script = FalScript(stream=[spoken(b'data: {"status": "IN_PROGRESS"}\n\n', FOR_EVER)])
    assert await script.provider().wait(HANDLE) == DONE


async def test_one_that_has_said_all_need_not_end() -> None:
    script = FalScript(stream=[spoken(SAID_ALL, FOR_EVER)])
    async with asyncio.timeout(5):
        assert await script.provider().wait(HANDLE) == DONE
    assert script.calls("status") == []


async def test_what_it_says_of_a_failure_counts() -> None:
    failed = OVER | {"error": "It broke.", "error_type": "runner_disconnected"}
    script = FalScript(stream=[told(failed)], result=[reply(500, {})])
    with pytest.raises(ItemError) as lost:
        await script.provider().wait(HANDLE)
    assert type(lost.value) is ProviderUnavailable
    assert "runner_disconnected" in lost.value.details["types"]


@pytest.mark.parametrize("url", ["https://evil.example/status", "https://[evil/status", ""])
async def test_a_stream_is_only_asked_for_where_the_key_may_go(url: str) -> None:
    script = FalScript(stream=[told(OVER)])
    with pytest.raises(ProviderRejected):
        await script.provider().wait(HANDLE.model_copy(update={"status_url": url}))
    assert script.requests == []


async def test_how_long_it_took_is_learned_for_those_that_must_ask() -> None:
    script = FalScript(stream=[spoken(0.15, SAID_ALL), reply(404)])
    provider = script.provider()
    for ago_s in (20, 0):
        await provider.wait(HANDLE.model_copy(update={"begun_at": time.time() - ago_s}))
    assert script.sleeps_s == [pytest.approx(19, abs=1)]


async def test_what_was_over_before_anybody_listened_teaches_nothing() -> None:
    script = FalScript(stream=[spoken(SAID_ALL), reply(404)])
    provider = script.provider()
    for ago_s in (20, 0):
        await provider.wait(HANDLE.model_copy(update={"begun_at": time.time() - ago_s}))
    assert script.sleeps_s == []
