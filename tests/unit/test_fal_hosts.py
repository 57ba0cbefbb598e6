"""Returned URLs are followed only where the operator allows it, and the key goes to the queue alone."""

from typing import Any

import pytest
from pydantic import SecretStr

from adapters.providers import Handle
from adapters.providers.factory import open_provider
from adapters.providers.fal import FalProvider
from adapters.providers.hosts import Hosts
from schema.errors import ProviderRejected
from schema.settings import Settings
from tests.unit.fal_script import HANDLE, KEY, PICTURE, RESULT, FalScript, reply

LOCAL = "http://127.0.0.1:9100"


def fal_hosts(**values: Any) -> Hosts:
    settings = Settings(**values)
    return Hosts(settings.fal_queue_url, "FAL_QUEUE_URL", settings.fal_allowed_hosts)


@pytest.mark.parametrize(
    "url",
    [
        "https://queue.fal.run/x/requests/1",
        "https://fal.run/x",
        "https://V3.FAL.MEDIA/files/a.png",
        "https://queue.fal.run:443/x",
        "https://storage.googleapis.fal.ai/a?b=c",
    ],
)
def test_allowed(url: str) -> None:
    assert fal_hosts().checked(url).scheme == "https"


@pytest.mark.parametrize(
    "url",
    [
        "http://queue.fal.run/x",
        "https://evilfal.run/x",
        "https://fal.run.evil.example/x",
        "https://queue.fal.run@evil.example/x",
        "https://user:word@queue.fal.run/x",
        "https://queue.fal.run:8443/x",
        "https://queue.fal.run./x",
        "https://evil.example\\@queue.fal.run/x",
        "https://127.0.0.1/x",
        "http://localhost:9100/x",
        "https:///x",
        "//queue.fal.run/x",
        "ftp://queue.fal.run/x",
        "file:///etc/passwd",
        "https://[::1/x",
        "https://queue.fal.run:99999/x",
        "https://queue.fal.run/\r\nHost: evil.example",
        "",
    ],
)
def test_refused(url: str) -> None:
    with pytest.raises(ProviderRejected) as caught:
        fal_hosts().checked(url)
    assert not caught.value.retryable


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("http://127.0.0.1:9100/x", True),
        ("http://localhost:5/x", True),
        ("http://[::1]:9100/x", True),
        ("https://v3.fal.media/x", True),
        ("http://10.0.0.1/x", False),
        ("http://v3.fal.media/x", False),
        ("http://localhost.evil.example/x", False),
        ("ftp://127.0.0.1/x", False),
    ],
)
def test_a_local_queue_may_point_to_this_machine(url: str, *, allowed: bool) -> None:
    hosts = fal_hosts(fal_queue_url=LOCAL)
    if allowed:
        hosts.checked(url)
    else:
        with pytest.raises(ProviderRejected):
            hosts.checked(url)


def test_the_queues_own_origin_needs_no_listing() -> None:
    hosts = fal_hosts(fal_queue_url="https://relay.example:8443", fal_allowed_hosts=("fal.run",))
    hosts.checked("https://relay.example:8443/x")
    with pytest.raises(ProviderRejected):
        hosts.checked("https://relay.example/x")


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"fal_key": SecretStr(KEY), "fal_queue_url": "http://queue.fal.run"}, "FAL_QUEUE_URL"),
        ({"fal_key": SecretStr(KEY), "fal_queue_url": "queue.fal.run"}, "FAL_QUEUE_URL"),
        ({"fal_key": SecretStr(KEY), "fal_queue_url": "https://[::1"}, "FAL_QUEUE_URL"),
        ({"fal_key": None}, "FAL_KEY"),
        ({"fal_key": SecretStr("  ")}, "FAL_KEY"),
        ({"fal_key": SecretStr("two\nlines")}, "FAL_KEY"),
        ({"fal_key": SecretStr("schlüssel")}, "FAL_KEY"),
    ],
)
def test_settings_that_cannot_work_are_refused_at_the_start(settings: dict[str, Any], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        open_provider(Settings(**settings))


async def test_the_factory_opens_fal_with_its_capabilities() -> None:
    provider = open_provider(Settings(fal_key=SecretStr(KEY)))
    assert isinstance(provider, FalProvider)
    assert (provider.name, provider.model) == ("fal", "fal-ai/flux-general")
    can = provider.capabilities
    assert (can.pose_map, can.negative_prompt, can.cancel, can.resumable) == (True, True, True, True)
    await provider.close()


async def test_the_key_goes_to_the_queue_and_never_to_the_cdn() -> None:
    script = FalScript()
    assert (await script.provider().wait(HANDLE)).data == PICTURE
    (picture,) = script.calls("picture")
    assert "authorization" not in picture.headers
    assert KEY not in str(picture.headers.raw)
    others = [request for request in script.requests if request is not picture]
    assert [request.headers["authorization"] for request in others] == [f"Key {KEY}"] * 3


async def test_without_a_key_a_local_queue_gets_no_header() -> None:
    local = Handle.model_validate_json(HANDLE.model_dump_json().replace("https://queue.fal.run", LOCAL))
    script = FalScript()
    await script.provider(fal_key=None, fal_queue_url=LOCAL).wait(local)
    assert all("authorization" not in request.headers for request in script.requests)


@pytest.mark.parametrize("field", ["status_url", "response_url"])
async def test_a_forged_handle_is_not_followed(field: str) -> None:
    script = FalScript()
    forged = HANDLE.model_copy(update={field: "https://evil.example/status"})
    with pytest.raises(ProviderRejected):
        await script.provider().wait(forged)
    assert "evil.example" not in [request.url.host for request in script.requests]


async def test_a_forged_cancel_url_is_not_followed_and_not_raised() -> None:
    script = FalScript()
    await script.provider().cancel(HANDLE.model_copy(update={"cancel_url": "http://queue.fal.run/cancel"}))
    assert script.requests == []


@pytest.mark.parametrize(
    "url", ["https://evil.example/a.png", "http://v3.fal.media/a.png", "file:///etc/passwd"]
)
async def test_a_picture_elsewhere_is_not_fetched(url: str) -> None:
    script = FalScript(result=[reply(200, RESULT | {"images": [{"url": url}]})])
    with pytest.raises(ProviderRejected):
        await script.provider().wait(HANDLE)
    assert script.calls("picture") == []


@pytest.mark.parametrize("step", ["status", "result", "picture"])
async def test_no_step_follows_a_redirect(step: str) -> None:
    script = FalScript(**{step: [reply(302, b"", {"location": "https://evil.example/"})]})
    with pytest.raises(Exception, match="image service"):
        await script.provider().wait(HANDLE)
    assert "evil.example" not in [request.url.host for request in script.requests]
