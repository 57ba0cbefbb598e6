"""What a submit sends, and what each way of failing says about money."""

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx
import pytest

from schema.errors import (
    SENTENCES,
    InappropriatePrompt,
    ItemError,
    OutputModerated,
    ProviderAccount,
    ProviderBusy,
    ProviderRejected,
    ProviderTimeout,
    ProviderUnavailable,
    SubmitUnclear,
)
from tests.unit.fal_script import HANDLE, KEY, REQUEST, SUBMITTED, Answer, FalScript, begun, breaks, reply

MAP_URI = "data:image/png;base64," + base64.b64encode(b"\x89PNG map").decode()


async def submitted(script: FalScript, **settings: Any) -> dict[str, Any]:
    assert await begun(script.provider(**settings), REQUEST) == HANDLE
    (request,) = script.requests
    body: dict[str, Any] = json.loads(request.content)
    return body


async def refused(answer: Answer) -> ItemError:
    script = FalScript(submit=[answer])
    with pytest.raises(ItemError) as caught:
        await script.provider().submit(REQUEST)
    assert len(script.requests) == 1, "a submit costs money: it is sent once"
    assert caught.value.message == SENTENCES[caught.value.code]
    return caught.value


async def test_body_says_everything_and_guides_with_a_plain_controlnet() -> None:
    assert await submitted(FalScript()) == {
        "prompt": "a woman waving",
        "negative_prompt": "blurry",
        "seed": 77,
        "image_size": {"width": 1024, "height": 768},
        "num_images": 1,
        "output_format": "png",
        "enable_safety_checker": True,
        "controlnets": [
            {
                "path": "Shakker-Labs/FLUX.1-dev-ControlNet-Union-Pro-2.0",
                "control_image_url": MAP_URI,
                "conditioning_scale": 0.9,
                "end_percentage": 0.65,
            }
        ],
    }


async def test_union_nets_are_told_the_mode() -> None:
    body = await submitted(FalScript(), fal_controlnet_union=True, fal_controlnet_path="InstantX/Union")
    control = {
        "control_image_url": MAP_URI,
        "control_mode": "pose",
        "conditioning_scale": 0.9,
        "end_percentage": 0.65,
    }
    assert body["controlnet_unions"] == [{"path": "InstantX/Union", "controls": [control]}]
    assert "controlnets" not in body


async def test_the_avatars_picture_goes_along() -> None:
    script = FalScript()
    request = replace(REQUEST, reference=b"\xff\xd8 avatar")
    await script.provider(reference_strength=0.4).submit(request)
    body = json.loads(script.requests[0].content)
    uri = "data:image/jpeg;base64," + base64.b64encode(b"\xff\xd8 avatar").decode()
    assert (body["reference_image_url"], body["reference_strength"]) == (uri, 0.4)


async def test_without_a_map_nothing_guides() -> None:
    script = FalScript()
    request = REQUEST.__class__("p", "", 1, 512, 512, pose_map=None, key="k")
    await script.provider().submit(request)
    body = json.loads(script.requests[0].content)
    assert not {"controlnets", "controlnet_unions"} & body.keys()


async def test_request_carries_key_endpoint_and_deadline() -> None:
    script = FalScript()
    await submitted(script, flux_call_timeout_s=90.5, fal_queue_url="https://queue.fal.run/")
    sent = script.requests[0]
    assert str(sent.url) == "https://queue.fal.run/fal-ai/flux-general"
    assert sent.headers["authorization"] == f"Key {KEY}"
    assert sent.headers["x-fal-request-timeout"] == "91"
    assert json.loads(sent.headers["x-fal-object-lifecycle-preference"]) == {
        "expiration_duration_seconds": 86400
    }
    assert "x-fal-no-retry" not in sent.headers


@pytest.mark.parametrize(
    "error", [httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.LocalProtocolError]
)
async def test_a_connection_that_never_carried_the_request_costs_nothing(
    error: type[httpx.TransportError],
) -> None:
    failure = await refused(breaks(error))
    assert type(failure) is ProviderUnavailable
    assert failure.details == {"error": error.__name__}


@pytest.mark.parametrize(
    "error",
    [
        httpx.ReadTimeout,
        httpx.ReadError,
        httpx.RemoteProtocolError,
        httpx.WriteError,
        httpx.WriteTimeout,
    ],
)
async def test_a_connection_that_broke_afterwards_is_unclear(error: type[httpx.TransportError]) -> None:
    assert type(await refused(breaks(error))) is SubmitUnclear


@pytest.mark.parametrize(
    "body",
    [
        b"<html>fine</html>",
        b"[1]",
        b"",
        b"[" * 100_000,
        {},
        {"request_id": "r-1"},
        HANDLE.model_dump() | {"status_url": None},
        HANDLE.model_dump() | {"cancel_url": 7},
    ],
    ids=["html", "list", "empty", "deep", "no fields", "no urls", "null url", "number url"],
)
async def test_accepted_without_a_usable_handle_is_unclear(body: Any) -> None:
    assert type(await refused(reply(200, body))) is SubmitUnclear


def detail_list(kind: str) -> dict[str, Any]:
    entry = {"loc": ["body", "prompt"], "msg": "No.", "type": kind, "input": {"prompt": "a secret wish"}}
    return {"detail": [entry]}


def gateway(kind: str) -> dict[str, Any]:
    return {"detail": "A sentence of the gateway.", "error_type": kind}


@pytest.mark.parametrize(
    ("status", "body", "headers", "expected"),
    [
        (400, None, {}, ProviderRejected),
        (404, {"detail": "Application not found"}, {}, ProviderRejected),
        (405, b"", {}, ProviderRejected),
        (410, {"error": "gone"}, {}, ProviderRejected),
        (422, detail_list("value_error"), {}, ProviderRejected),
        (301, b"", {"location": "https://queue.fal.run/other"}, ProviderRejected),
        (422, detail_list("content_policy_violation"), {}, InappropriatePrompt),
        (400, gateway("content_policy_violation"), {}, InappropriatePrompt),
        (422, detail_list("no_media_generated"), {}, OutputModerated),
        (401, {"detail": "Invalid key"}, {}, ProviderAccount),
        (402, None, {}, ProviderAccount),
        (403, {"detail": "User is locked. Reason: Exhausted balance."}, {}, ProviderAccount),
        (429, {"detail": "Slow down"}, {}, ProviderBusy),
        (408, b"", {}, ProviderUnavailable),
        (500, gateway("internal_error"), {}, ProviderUnavailable),
        (502, b"<html>Bad gateway</html>", {}, ProviderUnavailable),
        (503, gateway("runner_connection_refused"), {}, ProviderUnavailable),
        (504, gateway("startup_timeout"), {}, ProviderUnavailable),
        (504, gateway("request_timeout"), {"X-Fal-Request-Timeout-Type": "user"}, ProviderTimeout),
        (422, detail_list("generation_timeout"), {}, ProviderUnavailable),
        (422, detail_list("value_error"), {"X-Fal-Retryable": "true"}, ProviderUnavailable),
        (422, detail_list("value_error"), {"X-Fal-Needs-Retry": "1"}, ProviderUnavailable),
        (503, detail_list("something_new"), {"X-Fal-Retryable": "false"}, ProviderUnavailable),
        (422, detail_list("value_error"), {"X-Fal-Retryable": "false"}, ProviderRejected),
        (500, b"", {"X-Fal-Error-Type": "content_policy_violation"}, InappropriatePrompt),
        (401, b"", {"X-Fal-Retryable": "true"}, ProviderAccount),
    ],
)
async def test_every_refusal_has_its_class(
    status: int, body: Any, headers: dict[str, str], expected: type[ItemError]
) -> None:
    failure = await refused(reply(status, body, headers))
    assert type(failure) is expected
    assert failure.details["status"] == status


async def test_redirects_are_not_followed() -> None:
    script = FalScript(submit=[reply(307, b"", {"location": "https://elsewhere.example/"})])
    with pytest.raises(ProviderRejected):
        await script.provider().submit(REQUEST)
    assert [request.url.host for request in script.requests] == ["queue.fal.run"]


@pytest.mark.parametrize(
    ("status", "body", "headers", "wait_s"),
    [
        (429, None, {"Retry-After": "7"}, 7),
        (429, {"retry_after": 3.5}, {}, 3.5),
        (429, None, {"RateLimit": '"api";r=0;t=55'}, 55),
        (429, None, {"RateLimit": '"api";r=3;t=55'}, None),
        (429, None, {"RateLimit": '"api";r=0;t=55', "Retry-After": "7"}, 7),
        (429, None, {"RateLimit": "r=0;t=soon"}, None),
        (429, {"retry_after": 9}, {"Retry-After": "2"}, 2),
        (429, None, {"Retry-After": format_datetime(datetime.now(UTC) - timedelta(hours=1))}, 0),
        (503, {"error": "loading", "estimated_time": 20.0}, {}, 20),
        (503, {"error": "loading", "estimated_time": 400}, {}, 60),
        (503, None, {"Retry-After": "30"}, 30),
        (500, {"estimated_time": 20.0}, {}, None),
        (429, None, {}, None),
        (429, None, {"Retry-After": "soon"}, None),
        (429, None, {"Retry-After": "inf"}, None),
        (429, None, {"Retry-After": "-5"}, None),
        (429, {"retry_after": True}, {}, None),
        (429, None, {"Retry-After": "99999999999"}, 3600),
    ],
)
async def test_the_stated_wait_is_passed_on(
    status: int, body: Any, headers: dict[str, str], wait_s: float | None
) -> None:
    assert (await refused(reply(status, body, headers))).retry_after_s == wait_s


async def test_a_wait_until_a_date_is_counted_from_now() -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=40), usegmt=True)
    failure = await refused(reply(429, None, {"Retry-After": date}))
    assert failure.retry_after_s is not None
    assert 20 < failure.retry_after_s <= 40


async def test_details_quote_the_provider_but_neither_key_nor_request() -> None:
    echo = {"detail": f"Key {KEY} is not known. " + "x" * 2000}
    failure = await refused(reply(401, echo, {"X-Fal-Request-Id": "fal-9"}))
    assert KEY not in str(failure.details)
    assert failure.details["text"].startswith("Key [key] is not known.")
    assert len(failure.details["text"]) == 500
    assert failure.details["request_id"] == "fal-9"

    failure = await refused(reply(422, detail_list("value_error")))
    assert failure.details["types"] == ["value_error"]
    assert "secret wish" not in str(failure.details)


@pytest.mark.parametrize("field", ["status_url", "response_url", "cancel_url"])
async def test_a_reply_that_points_elsewhere_is_refused_for_good(field: str) -> None:
    failure = await refused(reply(200, HANDLE.model_dump() | {field: "https://evil.example/r-1"}))
    assert type(failure) is ProviderRejected
    assert "evil.example" in failure.details["place"]


async def test_an_endless_reply_is_unclear() -> None:
    assert type(await refused(reply(200, b" " * (25 * 2**20)))) is SubmitUnclear


async def test_other_success_codes_count_too() -> None:
    await submitted(FalScript(submit=[lambda: httpx.Response(201, content=SUBMITTED().content)]))
