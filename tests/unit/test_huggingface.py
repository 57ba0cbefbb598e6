"""What each route through Hugging Face's router sends, where it asks again, and what a refusal means."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from adapters.providers import FluxProvider, Handle, Picture, PictureRequest
from adapters.providers.huggingface.blocking import FalRoute, InferenceRoute
from adapters.providers.huggingface.queued import FalQueueRoute
from adapters.providers.huggingface.router import Router
from schema.errors import (
    BadImage,
    InappropriatePrompt,
    ItemError,
    OutputModerated,
    ProviderAccount,
    ProviderBusy,
    ProviderRejected,
    ProviderUnavailable,
    SubmitUnclear,
)
from schema.settings import Settings

KEY = "hf_secret"
ROUTER = "https://router.huggingface.co"
AT_FAL = "https://queue.fal.run/fal-ai/flux/requests/r-1"
AT_ROUTER = f"{ROUTER}/fal-ai/fal-ai/flux/requests/r-1"
PICTURE_URL = "https://v3.fal.media/files/a/picture.png"
REQUEST = PictureRequest("a woman waving", "blurry", 77, 832, 1216, b"a map", key="item-77")
RESULT = {"images": [{"url": PICTURE_URL, "content_type": "image/png"}], "seed": 77}
BEGUN = {
    "request_id": "r-1",
    "status_url": f"{AT_FAL}/status",
    "response_url": AT_FAL,
    "cancel_url": f"{AT_FAL}/cancel",
}
Answers = Callable[[httpx.Request], httpx.Response]


class Script:
    def __init__(self, answer: Answers) -> None:
        self.requests: list[httpx.Request] = []
        self._answer = answer

    def opened(self, route: type[Router], **settings: Any) -> Any:
        values = {"huggingface_api_key": SecretStr(KEY), **settings}
        transport = httpx.MockTransport(self._handle)
        return route(Settings(**values), transport=transport, sleep=lambda _: asyncio.sleep(0))

    def _handle(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return self._answer(request)


def png(_: httpx.Request) -> httpx.Response:
    return httpx.Response(200, content=b"\x89PNG", headers={"content-type": "image/png"})


def fal_blocking(request: httpx.Request) -> httpx.Response:
    return png(request) if request.url.host == "v3.fal.media" else httpx.Response(200, json=RESULT)


def fal_queue(request: httpx.Request) -> httpx.Response:
    if request.method == "POST":
        return httpx.Response(200, json=BEGUN)
    if request.url.path.endswith("/status"):
        return httpx.Response(200, json={"status": "COMPLETED"})
    return fal_blocking(request)


async def test_hf_inference_gets_inputs_and_parameters_and_gives_bytes() -> None:
    script = Script(png)
    provider = script.opened(InferenceRoute)
    assert await provider.submit(REQUEST) == Picture(b"\x89PNG", "image/png", None)
    (sent,) = script.requests
    assert str(sent.url) == f"{ROUTER}/hf-inference/models/black-forest-labs/FLUX.1-dev"
    assert sent.headers["authorization"] == f"Bearer {KEY}"
    assert sent.headers["accept"] == "image/png"
    assert json.loads(sent.content) == {
        "inputs": "a woman waving",
        "parameters": {"width": 832, "height": 1216, "seed": 77},
    }
    assert provider.model == "black-forest-labs/FLUX.1-dev"


async def test_the_fal_route_gets_fals_words_and_the_cdn_no_key() -> None:
    script = Script(fal_blocking)
    provider = script.opened(FalRoute, huggingface_bill_to="my-shop")
    assert await provider.submit(REQUEST) == Picture(b"\x89PNG", "image/png", 77)
    sent, download = script.requests
    assert str(sent.url) == f"{ROUTER}/fal-ai/fal-ai/flux/dev"
    assert (sent.headers["authorization"], sent.headers["x-hf-bill-to"]) == (f"Bearer {KEY}", "my-shop")
    body = json.loads(sent.content)
    assert (body["prompt"], body["seed"]) == ("a woman waving", 77)
    assert body["image_size"] == {"width": 832, "height": 1216}
    assert not {"negative_prompt", "controlnets", "reference_image_url"} & body.keys(), "unknown to flux/dev"
    assert KEY not in str(download.headers.raw)
    assert "x-hf-bill-to" not in download.headers


async def test_the_queue_is_asked_at_the_router_never_at_fal() -> None:
    script = Script(fal_queue)
    provider = script.opened(FalQueueRoute)
    handle = await provider.submit(REQUEST)
    assert handle.model_copy(update={"begun_at": None}) == Handle(
        provider="huggingface",
        request_id="r-1",
        status_url=f"{AT_ROUTER}/status?_subdomain=queue",
        response_url=f"{AT_ROUTER}?_subdomain=queue",
        cancel_url=f"{AT_ROUTER}/cancel?_subdomain=queue",
    )
    assert (await provider.wait(handle)).seed == 77
    await provider.cancel(handle)
    asked = [str(request.url) for request in script.requests if request.url.host != "v3.fal.media"]
    assert asked == [
        f"{ROUTER}/fal-ai/fal-ai/flux/dev?_subdomain=queue",
        handle.status_url,
        handle.response_url,
        handle.cancel_url,
    ]
    hosts_with_key = {r.url.host for r in script.requests if "authorization" in r.headers}
    assert hosts_with_key == {"router.huggingface.co"}


@pytest.mark.parametrize(
    "url", ["https://evil.example/r-1", "//evil.example/r-1", "http://queue.fal.run/r-1"]
)
async def test_a_forged_queue_leads_nowhere_but_to_the_router(url: str) -> None:
    script = Script(lambda _: httpx.Response(200, json=BEGUN | {"status_url": url}))
    handle = await script.opened(FalQueueRoute).submit(REQUEST)
    assert handle.status_url == f"{ROUTER}/fal-ai/r-1?_subdomain=queue"


async def test_a_queue_without_a_usable_url_is_unclear() -> None:
    script = Script(lambda _: httpx.Response(200, json=BEGUN | {"cancel_url": "https://[::1"}))
    with pytest.raises(SubmitUnclear):
        await script.opened(FalQueueRoute).submit(REQUEST)


ROUTES = [InferenceRoute, FalRoute, FalQueueRoute]
REFUSALS: list[tuple[httpx.Response, type[ItemError], str]] = [
    (httpx.Response(400, json={"error": "Model not supported by provider"}), ProviderRejected, "Model not"),
    (httpx.Response(400, json={"error": ["Error in `inputs`", "and more"]}), ProviderRejected, "and more"),
    (httpx.Response(400, json={"error": {"message": "No such model"}}), ProviderRejected, "No such model"),
    (httpx.Response(401, json={"error": "Invalid credentials"}), ProviderAccount, "Invalid credentials"),
    (httpx.Response(402, json={"error": "You have exceeded your credits"}), ProviderAccount, "exceeded"),
    (httpx.Response(403, json={"error": "insufficient permissions"}), ProviderAccount, "permissions"),
    (httpx.Response(404, content=b"Not Found"), ProviderRejected, "Not Found"),
    (httpx.Response(410, json={"error": "no longer supported"}), ProviderRejected, "no longer"),
    (httpx.Response(422, json={"detail": "validation"}), ProviderRejected, "validation"),
    (httpx.Response(408, content=b""), ProviderUnavailable, ""),
    (httpx.Response(429, json={"message": "slow down"}), ProviderBusy, "slow down"),
    (httpx.Response(500, headers={"X-Error-Message": "Oops"}), ProviderUnavailable, "Oops"),
    (httpx.Response(502, html="<html>Bad Gateway</html>"), ProviderUnavailable, "Bad Gateway"),
    (httpx.Response(503, html="<html>Unavailable</html>"), ProviderUnavailable, "Unavailable"),
    (httpx.Response(307, headers={"location": "https://evil.example/"}), ProviderRejected, ""),
]


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize(("answer", "expected", "said"), REFUSALS)
async def test_every_refusal_has_its_class_and_is_quoted(
    route: type[Router], answer: httpx.Response, expected: type[ItemError], said: str
) -> None:
    script = Script(
        lambda _: httpx.Response(answer.status_code, content=answer.content, headers=answer.headers)
    )
    provider: FluxProvider = script.opened(route)
    with pytest.raises(ItemError) as caught:
        await provider.submit(REQUEST)
    assert type(caught.value) is expected
    assert said in caught.value.details["text"]
    assert len(script.requests) == 1


@pytest.mark.parametrize(
    ("status", "body", "headers", "wait_s"),
    [
        (429, {}, {"RateLimit": '"api";r=0;t=55', "RateLimit-Policy": '"fixed window";"api";q=9;w=300'}, 55),
        (429, {}, {"Retry-After": "12"}, 12),
        (503, {"error": "Model is currently loading", "estimated_time": 20.5}, {}, 20.5),
        (503, {"error": "Model is currently loading", "estimated_time": 900}, {}, 60),
        (503, {}, {}, None),
    ],
)
async def test_the_stated_wait_is_passed_on(
    status: int, body: Any, headers: dict[str, str], wait_s: float | None
) -> None:
    script = Script(lambda _: httpx.Response(status, json=body, headers=headers))
    with pytest.raises(ItemError) as caught:
        await script.opened(InferenceRoute).submit(REQUEST)
    assert caught.value.retry_after_s == wait_s


async def test_the_key_is_blotted_out_of_what_the_operator_reads() -> None:
    script = Script(lambda _: httpx.Response(401, json={"error": f"{KEY} is unknown"}))
    with pytest.raises(ProviderAccount) as caught:
        await script.opened(InferenceRoute).submit(REQUEST)
    assert caught.value.details["text"] == "[key] is unknown"


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        ({"images": [{"url": PICTURE_URL}], "has_nsfw_concepts": [True]}, OutputModerated),
        ({"images": []}, BadImage),
        ({}, BadImage),
        ({"images": [{"url": "https://evil.example/a.png"}]}, ProviderRejected),
    ],
)
async def test_what_fal_says_of_a_picture_counts_behind_the_router_too(
    result: dict[str, Any], expected: type[ItemError]
) -> None:
    script = Script(lambda _: httpx.Response(200, json=result))
    with pytest.raises(ItemError) as caught:
        await script.opened(FalRoute).submit(REQUEST)
    assert type(caught.value) is expected


async def test_fals_policy_types_are_read_behind_the_router() -> None:
    detail = [{"loc": ["body", "prompt"], "msg": "No.", "type": "content_policy_violation"}]
    script = Script(lambda _: httpx.Response(422, json={"detail": detail}))
    with pytest.raises(InappropriatePrompt):
        await script.opened(FalRoute).submit(REQUEST)


def breaking(error: type[httpx.TransportError]) -> Answers:
    def answer(_: httpx.Request) -> httpx.Response:
        raise error("broken by the script")

    return answer


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (httpx.ConnectError, ProviderUnavailable),
        (httpx.ConnectTimeout, ProviderUnavailable),
        (httpx.ReadTimeout, SubmitUnclear),
        (httpx.RemoteProtocolError, SubmitUnclear),
    ],
)
async def test_what_reached_the_other_side_decides(
    route: type[Router], error: type[httpx.TransportError], expected: type[ItemError]
) -> None:
    with pytest.raises(ItemError) as caught:
        await Script(breaking(error)).opened(route).submit(REQUEST)
    assert type(caught.value) is expected


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"huggingface_api_key": None}, "HUGGINGFACE_API_KEY"),
        ({"huggingface_api_key": SecretStr(" ")}, "HUGGINGFACE_API_KEY"),
        ({"huggingface_url": "http://router.huggingface.co"}, "HUGGINGFACE_URL"),
    ],
)
def test_settings_that_cannot_work_are_refused_at_the_start(
    route: type[Router], settings: dict[str, Any], named: str
) -> None:
    with pytest.raises(ValueError, match=named):
        Script(png).opened(route, **settings)


@pytest.mark.parametrize(
    "mapping",
    [
        {"fal-ai": {"status": "live", "providerId": "fal-ai/flux/dev"}},
        [{"provider": "fal-ai", "status": "live", "providerId": "fal-ai/flux/dev"}],
    ],
)
async def test_a_checkup_reads_both_forms_of_the_mapping(mapping: Any) -> None:
    def hub(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/api/whoami-v2":
            return httpx.Response(200, json={"name": "shop"})
        return httpx.Response(200, json={"id": "m", "inferenceProviderMapping": mapping})

    script = Script(hub)
    said = await script.opened(FalQueueRoute).check()
    assert said == "the key is shop's; fal-ai serves black-forest-labs/FLUX.1-dev as fal-ai/flux/dev, live"
    assert {request.url.host for request in script.requests} == {"huggingface.co"}
    with pytest.raises(ProviderRejected, match="hf-inference does not serve"):
        await script.opened(InferenceRoute).check()
