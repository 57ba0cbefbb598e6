"""Waiting holds on through all trouble with asking, and gives up only what is refused or lost."""

import asyncio

import httpx
import pytest

from adapters.providers import Handle
from adapters.providers.fal.verdicts import LOST_AFTER_ASKS
from schema.errors import ItemError, ProviderAccount, ProviderRejected, SubmitUnclear
from tests.unit.fal_script import (
    COMPLETED,
    HANDLE,
    IN_PROGRESS,
    PICTURE_URL,
    RESULT,
    STREAM_URL,
    Answer,
    FalScript,
    breaks,
    reply,
)
from tests.unit.fal_waiting import DONE, lost, never_settled


async def test_picture_comes_back_with_type_and_seed() -> None:
    script = FalScript(status=[reply(202, {"status": "IN_QUEUE"}), IN_PROGRESS, COMPLETED])
    assert await script.provider().wait(HANDLE) == DONE
    asked = [str(request.url) for request in script.requests]
    assert asked == [STREAM_URL] + [HANDLE.status_url] * 3 + [HANDLE.response_url, PICTURE_URL]


async def test_a_handle_of_another_process_is_enough() -> None:
    resumed = Handle.model_validate_json(HANDLE.model_dump_json())
    assert await FalScript().provider().wait(resumed) == DONE


async def test_asks_often_at_first_and_ever_less() -> None:
    script = FalScript(status=[IN_PROGRESS] * 60 + [COMPLETED])
    await script.provider().wait(HANDLE)
    assert script.sleeps_s[:10] == [0.1] * 10
    assert script.sleeps_s == sorted(script.sleeps_s)
    assert script.sleeps_s[-1] == 1.0


@pytest.mark.parametrize(
    "trouble",
    [
        reply(200, {"status": "SOMETHING_NEW"}),
        reply(200, {}),
        reply(200, b"<html>"),
        reply(202, b""),
        reply(200, {"status": None}),
        reply(500, {"detail": [{"type": "internal_server_error"}]}, {"X-Fal-Request-Id": "f"}),
        reply(503, b"<html>"),
        reply(504, b""),
        reply(408, b""),
        reply(429, b""),
        breaks(httpx.ConnectError),
        breaks(httpx.ReadTimeout),
        breaks(httpx.RemoteProtocolError),
    ],
    ids=range(13),
)
async def test_trouble_with_polling_is_never_the_end(trouble: Answer) -> None:
    assert await FalScript(status=[trouble] * 40 + [COMPLETED]).provider().wait(HANDLE) == DONE
    await never_settled(FalScript(status=[trouble]))


@pytest.mark.parametrize("step", ["status", "result"])
async def test_polling_waits_as_long_as_it_is_told(step: str) -> None:
    done = COMPLETED if step == "status" else reply(200, RESULT)
    script = FalScript(**{step: [reply(429, None, {"Retry-After": "9"}), done]})
    assert await script.provider().wait(HANDLE) == DONE
    assert script.sleeps_s == [9]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (400, ProviderRejected),
        (401, ProviderAccount),
        (402, ProviderAccount),
        (403, ProviderAccount),
        (405, ProviderRejected),
        (422, ProviderRejected),
        (302, ProviderRejected),
        (410, SubmitUnclear),
    ],
)
async def test_definite_refusals_of_polling_end_it(status: int, expected: type[ItemError]) -> None:
    script = FalScript(status=[IN_PROGRESS, reply(status, {"detail": "no"})])
    assert type(await lost(script)) is expected
    assert len(script.calls("status")) == 2


async def test_a_request_unknown_for_a_moment_is_not_lost() -> None:
    unknown = [reply(404, {"detail": "not found"})] * (LOST_AFTER_ASKS - 1)
    script = FalScript(status=[*unknown, IN_PROGRESS, *unknown, COMPLETED])
    assert await script.provider().wait(HANDLE) == DONE


async def test_a_request_unknown_for_long_is_lost() -> None:
    script = FalScript(status=[reply(404, {"detail": "not found"})])
    assert type(await lost(script)) is SubmitUnclear
    assert 5 < sum(script.sleeps_s) < 15


async def test_cancellation_while_polling_stops_asking() -> None:
    await never_settled(script := FalScript(status=[IN_PROGRESS]))
    asked = len(script.requests)
    for _ in range(10):
        await asyncio.sleep(0)
    assert len(script.requests) == asked
