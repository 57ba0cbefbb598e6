"""What became of a request that is over: its outcome is named, and its picture is not lost on the way."""

import base64
from typing import Any

import httpx
import pytest

from schema.errors import (
    BadImage,
    InappropriatePrompt,
    ItemError,
    OutputModerated,
    ProviderAccount,
    ProviderRejected,
    ProviderTimeout,
    ProviderUnavailable,
)
from tests.unit.fal_script import HANDLE, PICTURE, PICTURE_URL, RESULT, Answer, FalScript, breaks, reply
from tests.unit.fal_waiting import DONE, lost, never_settled

JOB_FAILED = reply(200, {"status": "COMPLETED", "error": "It broke.", "error_type": "runner_disconnected"})


def model_error(status: int, kind: str, headers: dict[str, str] | None = None) -> Answer:
    return reply(status, {"detail": [{"loc": ["body"], "msg": "No.", "type": kind}]}, headers)


def gateway_error(status: int, kind: str) -> Answer:
    return reply(status, {"detail": "A sentence.", "error_type": kind})


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (model_error(422, "content_policy_violation"), InappropriatePrompt),
        (model_error(422, "no_media_generated"), OutputModerated),
        (model_error(422, "image_load_error"), ProviderRejected),
        (model_error(504, "generation_timeout"), ProviderUnavailable),
        (model_error(500, "internal_server_error"), ProviderUnavailable),
        (model_error(500, "downstream_service_error"), ProviderUnavailable),
        (model_error(500, "something_new", {"X-Fal-Retryable": "false"}), ProviderUnavailable),
        (reply(502, b"", {"X-Fal-Retryable": "false"}), ProviderUnavailable),
        (gateway_error(499, "client_cancelled"), ProviderUnavailable),
        (model_error(422, "something_new", {"X-Fal-Retryable": "true"}), ProviderUnavailable),
        (gateway_error(503, "runner_scheduling_failure"), ProviderUnavailable),
        (gateway_error(503, "runner_connection_timeout"), ProviderUnavailable),
        (gateway_error(504, "startup_timeout"), ProviderUnavailable),
        (reply(500, {"detail": "crashed"}, {"X-Fal-Request-Id": "f"}), ProviderUnavailable),
        (reply(504, b"", {"X-Fal-Request-Id": "f", "X-Fal-Request-Timeout-Type": "user"}), ProviderTimeout),
        (reply(401, b""), ProviderAccount),
        (reply(403, {"detail": "User is locked. Reason: Exhausted balance."}), ProviderAccount),
        (reply(404, {"detail": "gone"}), ProviderRejected),
        (reply(410, b""), ProviderRejected),
        (reply(302, b"", {"location": PICTURE_URL}), ProviderRejected),
        (reply(200, RESULT | {"has_nsfw_concepts": [True]}), OutputModerated),
        (reply(200, {"seed": 77}), BadImage),
        (reply(200, {"images": []}), BadImage),
        (reply(200, {"images": ["x"]}), BadImage),
        (reply(200, {"images": [{"url": None}]}), BadImage),
    ],
)
async def test_the_outcome_of_the_job_is_named(result: Answer, expected: type[ItemError]) -> None:
    script = FalScript(result=[result])
    assert type(await lost(script)) is expected
    assert len(script.calls("result")) == 1
    assert script.calls("picture") == []


@pytest.mark.parametrize(
    ("error_type", "result", "expected"),
    [
        ("content_policy_violation", reply(422, {"detail": "no"}), InappropriatePrompt),
        ("runner_disconnected", reply(503, b"<html>"), ProviderUnavailable),
        (None, reply(502, b"<html>"), ProviderUnavailable),
        (None, reply(200, {}), ProviderUnavailable),
        ("runner_incomplete_response", reply(200, {}), ProviderUnavailable),
        ("value_error", reply(200, {}), ProviderRejected),
        (None, reply(422, {"detail": "no"}), ProviderRejected),
    ],
)
async def test_a_failure_that_the_status_told_of_is_believed(
    error_type: str | None, result: Answer, expected: type[ItemError]
) -> None:
    status: dict[str, Any] = {"status": "COMPLETED", "error": "It broke.", "error_type": error_type}
    script = FalScript(status=[reply(200, status)], result=[result])
    assert type(await lost(script)) is expected


@pytest.mark.parametrize(
    "trouble",
    [
        reply(500, {"detail": "Internal Server Error"}),
        reply(502, b"<html>"),
        reply(503, {"error": "busy"}),
        reply(504, b""),
        reply(408, b""),
        reply(200, b"<html>"),
        breaks(httpx.ReadError),
    ],
    ids=range(7),
)
async def test_trouble_with_the_gateway_does_not_lose_a_paid_picture(trouble: Answer) -> None:
    script = FalScript(result=[trouble, trouble, reply(200, RESULT)])
    assert await script.provider().wait(HANDLE) == DONE
    await never_settled(FalScript(result=[trouble]))


async def test_a_failed_job_with_a_picture_after_all_counts_as_done() -> None:
    assert await FalScript(status=[JOB_FAILED]).provider().wait(HANDLE) == DONE


@pytest.mark.parametrize("seed", [None, "77", True, 7.5])
async def test_a_seed_that_is_not_echoed_is_unknown(seed: Any) -> None:
    script = FalScript(result=[reply(200, RESULT | {"seed": seed})])
    assert (await script.provider().wait(HANDLE)).seed is None


@pytest.mark.parametrize(
    "trouble",
    [reply(500, b""), reply(404, b""), reply(429, b""), breaks(httpx.ReadError), breaks(httpx.ConnectError)],
    ids=range(5),
)
async def test_a_download_is_repeated(trouble: Answer) -> None:
    script = FalScript(picture=[trouble] * 5 + [reply(200, PICTURE, {"content-type": "image/png"})])
    assert await script.provider().wait(HANDLE) == DONE
    assert script.sleeps_s == [0.2, 0.4, 0.8, 1.6, 3.2]


@pytest.mark.parametrize(
    ("trouble", "expected"),
    [
        (reply(503, b""), ProviderUnavailable),
        (breaks(httpx.RemoteProtocolError), ProviderUnavailable),
        (reply(403, b""), BadImage),
        (reply(404, b""), BadImage),
        (reply(302, b"", {"location": "https://v3.fal.media/b.png"}), BadImage),
    ],
)
async def test_a_download_is_not_repeated_for_ever(trouble: Answer, expected: type[ItemError]) -> None:
    script = FalScript(picture=[trouble])
    assert type(await lost(script)) is expected
    assert len(script.calls("picture")) == 6


async def test_a_download_waits_as_told() -> None:
    script = FalScript(picture=[reply(503, b"", {"Retry-After": "4"}), reply(200, PICTURE)])
    assert (await script.provider().wait(HANDLE)).data == PICTURE
    assert script.sleeps_s == [4]


async def test_a_picture_without_a_type_takes_the_results_word() -> None:
    script = FalScript(picture=[reply(200, PICTURE)])
    assert (await script.provider().wait(HANDLE)).content_type == "image/png"


@pytest.mark.parametrize("announced", [True, False])
async def test_a_picture_over_the_limit_is_not_read(
    monkeypatch: pytest.MonkeyPatch, *, announced: bool
) -> None:
    monkeypatch.setattr("adapters.providers.pictures.MAX_PICTURE_BYTES", 1000)

    class Chunks(httpx.AsyncByteStream):
        read = 0

        async def __aiter__(self) -> Any:
            while True:
                self.read += 1
                yield b"x" * 400

    chunks = Chunks()
    headers = {"content-length": "1001"} if announced else {}
    script = FalScript(picture=[lambda: httpx.Response(200, stream=chunks, headers=headers)])
    assert type(await lost(script)) is BadImage
    assert len(script.calls("picture")) == 1
    assert chunks.read == (0 if announced else 3)


async def test_a_picture_inside_the_result_needs_no_download() -> None:
    uri = "data:image/png;base64," + base64.b64encode(PICTURE).decode()
    script = FalScript(result=[reply(200, RESULT | {"images": [{"url": uri}]})])
    assert await script.provider().wait(HANDLE) == DONE
    assert script.calls("picture") == []


@pytest.mark.parametrize("uri", ["data:image/png;base64,*", "data:image/png,plain", "data:"])
async def test_a_broken_picture_inside_the_result_is_named(uri: str) -> None:
    script = FalScript(result=[reply(200, RESULT | {"images": [{"url": uri}]})])
    assert type(await lost(script)) is BadImage
