"""The client against the simulator as a real process: a picture's whole way, and every way to lose it."""

import asyncio
import io
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
from PIL import Image
from pydantic import SecretStr

from adapters.providers import PictureRequest
from adapters.providers.factory import open_provider
from adapters.providers.fal import FalProvider
from imaging.openpose import draw_map
from schema.errors import (
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
from schema.pose import Keypoints
from schema.settings import Settings

KEY = "simulated-key"
COMMAND = [sys.executable, "-m", "simulator", "--port", "0", "--latency-s", "0.05", "--concurrency", "2"]


@pytest.fixture(scope="module")
def simulator() -> Iterator[str]:
    """The URL of a simulator process that is ready, and gone afterwards."""
    with subprocess.Popen([*COMMAND, "--key", KEY], stderr=subprocess.PIPE, text=True) as process:
        try:
            yield _url_once_ready(process)
        finally:
            process.terminate()
            process.communicate(timeout=20)


def _url_once_ready(process: subprocess.Popen[str]) -> str:
    assert process.stderr
    said = ""
    for line in process.stderr:
        said += line
        if ready := re.search(r"running on (http://127\.0\.0\.1:\d+)", line):
            return ready[1]
    pytest.fail(f"the simulator did not start:\n{said}")


@pytest.fixture
async def control(simulator: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=f"{simulator}/_sim") as client:
        yield client
        (await client.delete("/faults")).raise_for_status()
        (await client.delete("/log")).raise_for_status()


@pytest.fixture
async def fal(simulator: str, control: httpx.AsyncClient) -> AsyncIterator[FalProvider]:
    provider = open_provider(Settings(fal_queue_url=simulator, fal_key=SecretStr(KEY)))
    assert isinstance(provider, FalProvider)
    yield provider
    await provider.close()


WAVING: Keypoints = (
    (0.50, 0.14), (0.50, 0.23),
    (0.42, 0.23), (0.36, 0.14), (0.34, 0.04),
    (0.58, 0.23), (0.62, 0.36), (0.63, 0.48),
    (0.45, 0.50), (0.44, 0.71), (0.44, 0.92),
    (0.55, 0.50), (0.56, 0.71), (0.56, 0.92),
    (0.48, 0.12), (0.52, 0.12), (0.46, 0.13), (0.54, 0.13),
)  # fmt: skip


def ask(seed: int = 5, prompt: str = "a woman standing", pose_map: bytes | None = None) -> PictureRequest:
    return PictureRequest(prompt, "blurry", seed, 256, 320, pose_map, key="k")


async def misbehave(control: httpx.AsyncClient, kind: str, stage: str | None = None, **more: Any) -> None:
    rule = {"kind": kind, "stage": stage} | more
    reply = await control.post("/faults", json=[rule])
    assert reply.is_success, reply.text


async def stats(control: httpx.AsyncClient) -> dict[str, int]:
    counts: dict[str, int] = (await control.get("/stats")).json()
    return counts


async def lose(provider: FalProvider) -> ItemError:
    with pytest.raises(ItemError) as caught:
        await provider.wait(await provider.submit(ask()))
    return caught.value


@pytest.mark.parametrize("union", [False, True])
async def test_a_picture_of_the_asked_pose_size_and_seed(
    simulator: str, control: httpx.AsyncClient, *, union: bool
) -> None:
    fal = FalProvider(Settings(fal_queue_url=simulator, fal_key=SecretStr(KEY), fal_controlnet_union=union))
    picture = await fal.wait(await fal.submit(ask(pose_map=draw_map(WAVING, 256, 320))))
    await fal.close()
    with Image.open(io.BytesIO(picture.data)) as image:
        assert (image.size, image.format) == ((256, 320), "PNG")
    assert (picture.seed, picture.content_type) == (5, "image/png")
    (job,) = (await control.get("/log")).json()
    assert (job["seed"], job["posed_by_map"]) == (5, True)


async def test_without_a_map_the_prompt_alone_decides(fal: FalProvider, control: httpx.AsyncClient) -> None:
    await fal.wait(await fal.submit(ask()))
    (job,) = (await control.get("/log")).json()
    assert job["posed_by_map"] is False


async def test_another_process_can_wait_for_the_same_picture(
    fal: FalProvider, simulator: str, control: httpx.AsyncClient
) -> None:
    handle = await fal.submit(ask())
    await fal.close()
    other = FalProvider(Settings(fal_queue_url=simulator, fal_key=SecretStr(KEY)))
    assert (await other.wait(handle)).seed == 5
    await other.close()
    assert (await stats(control))["submitted"] == 1


async def test_many_at_once_come_back_each_with_its_own_seed(fal: FalProvider) -> None:
    async def seed_of(seed: int) -> int | None:
        return (await fal.wait(await fal.submit(ask(seed)))).seed

    assert await asyncio.gather(*map(seed_of, range(12))) == list(range(12))


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("rate_limited", ProviderBusy),
        ("rate_limited_silently", ProviderBusy),
        ("loading", ProviderUnavailable),
        ("error_408", ProviderUnavailable),
        ("error_422", ProviderRejected),
        ("error_500", ProviderUnavailable),
        ("error_502", ProviderUnavailable),
        ("error_503", ProviderUnavailable),
        ("error_504", ProviderUnavailable),
        ("unauthorized", ProviderAccount),
        ("locked", ProviderAccount),
        ("not_found", ProviderRejected),
        ("gone", ProviderRejected),
        ("redirect", ProviderRejected),
        ("reset", SubmitUnclear),
        ("cut", SubmitUnclear),
        ("cut_halfway", SubmitUnclear),
        ("html", SubmitUnclear),
        ("foreign_status_url", ProviderRejected),
    ],
)
async def test_a_refused_submit_is_named_and_sent_once(
    fal: FalProvider, control: httpx.AsyncClient, kind: str, expected: type[ItemError]
) -> None:
    await misbehave(control, kind, "submit", count=None)
    with pytest.raises(ItemError) as caught:
        await fal.submit(ask())
    assert type(caught.value) is expected
    (rule,) = (await control.get("/faults")).json()
    assert rule["hits"] == 1


@pytest.mark.parametrize(("kind", "told_s", "wait_s"), [("rate_limited", 7, 7), ("loading", 400, 60)])
async def test_a_refused_submit_passes_the_stated_wait_on(
    fal: FalProvider, control: httpx.AsyncClient, kind: str, told_s: float, wait_s: float
) -> None:
    await misbehave(control, kind, "submit", seconds=told_s)
    with pytest.raises(ItemError) as caught:
        await fal.submit(ask())
    assert caught.value.retry_after_s == wait_s


async def test_a_wrong_key_is_the_accounts_fault(simulator: str) -> None:
    provider = FalProvider(Settings(fal_queue_url=simulator, fal_key=SecretStr("another-key")))
    with pytest.raises(ProviderAccount):
        await provider.submit(ask())
    await provider.close()


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("moderated", InappropriatePrompt),
        ("no_media", OutputModerated),
        ("black_flagged", OutputModerated),
        ("flagged", OutputModerated),
        ("failed_422", ProviderRejected),
        ("failed_500", ProviderUnavailable),
        ("failed_503", ProviderUnavailable),
        ("failed_504", ProviderUnavailable),
        ("failed_quietly", ProviderUnavailable),
        ("gateway_500", ProviderUnavailable),
        ("gateway_503", ProviderUnavailable),
        ("gateway_504", ProviderUnavailable),
    ],
)
async def test_a_failed_job_is_named(
    fal: FalProvider, control: httpx.AsyncClient, kind: str, expected: type[ItemError]
) -> None:
    await misbehave(control, kind)
    assert type(await lose(fal)) is expected


@pytest.mark.parametrize("kind", ["black", "garbage", "truncated", "wrong_size"])
async def test_what_only_a_decoder_can_see_is_passed_on(
    fal: FalProvider, control: httpx.AsyncClient, kind: str
) -> None:
    await misbehave(control, kind)
    assert (await fal.wait(await fal.submit(ask()))).data


@pytest.mark.parametrize(
    ("stage", "kind"),
    [
        (stage, kind)
        for stage in ("status", "result", "file")
        for kind in (
            "error_500",
            "error_502",
            "error_503",
            "error_504",
            "error_408",
            "reset",
            "cut",
            "cut_halfway",
        )
    ]
    + [("status", "html"), ("result", "html"), ("status", "not_found"), ("file", "not_found")],
)
async def test_trouble_on_the_way_does_not_lose_a_paid_picture(
    fal: FalProvider, control: httpx.AsyncClient, stage: str, kind: str
) -> None:
    await misbehave(control, kind, stage, count=2)
    picture = await fal.wait(await fal.submit(ask()))
    assert picture.data.startswith(b"\x89PNG")
    (rule,) = (await control.get("/faults")).json()
    assert rule["hits"] == 2
    assert (await stats(control))["submitted"] == 1


@pytest.mark.parametrize("stage", ["status", "result", "file"])
async def test_a_stated_wait_is_kept(fal: FalProvider, control: httpx.AsyncClient, stage: str) -> None:
    await misbehave(control, "rate_limited", stage, seconds=0.7)
    loop = asyncio.get_running_loop()
    handle = await fal.submit(ask())
    started = loop.time()
    assert (await fal.wait(handle)).data
    assert loop.time() - started >= 0.7


@pytest.mark.parametrize(
    ("kind", "stage", "expected"),
    [
        ("unauthorized", "status", ProviderAccount),
        ("locked", "result", ProviderAccount),
        ("gone", "status", SubmitUnclear),
        ("not_found", "result", ProviderRejected),
        ("redirect", "status", ProviderRejected),
        ("redirect", "result", ProviderRejected),
        ("foreign_picture_url", "result", ProviderRejected),
    ],
)
async def test_a_definite_refusal_on_the_way_ends_it(
    fal: FalProvider, control: httpx.AsyncClient, kind: str, stage: str, expected: type[ItemError]
) -> None:
    await misbehave(control, kind, stage, count=None)
    assert type(await lose(fal)) is expected
    (rule,) = (await control.get("/faults")).json()
    assert rule["hits"] == 1


@pytest.mark.parametrize("stage", ["status", "result", "file"])
@pytest.mark.parametrize("kind", ["silence", "drip"])
async def test_the_callers_deadline_ends_what_never_would(
    fal: FalProvider, control: httpx.AsyncClient, stage: str, kind: str
) -> None:
    await misbehave(control, kind, stage, count=None)
    handle = await fal.submit(ask())
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.6):
            await fal.wait(handle)
    (rule,) = (await control.get("/faults")).json()
    assert rule["hits"] >= 1


async def test_a_running_job_is_cancelled_and_says_so(fal: FalProvider, control: httpx.AsyncClient) -> None:
    await misbehave(control, "never_ends")
    handle = await fal.submit(ask())
    waiting = asyncio.create_task(fal.wait(handle))
    await fal.cancel(handle)
    with pytest.raises(ProviderUnavailable):
        await waiting
    counts = await stats(control)
    assert (counts["cancelled"], counts["in_progress"]) == (1, 0)
    await fal.cancel(handle)


async def test_cancelling_a_finished_or_unknown_job_is_no_error(fal: FalProvider) -> None:
    handle = await fal.submit(ask())
    await fal.wait(handle)
    await fal.cancel(handle)
    await fal.cancel(
        handle.model_copy(update={"cancel_url": handle.cancel_url.replace("requests/", "requests/x")})
    )


async def test_a_job_that_nobody_awaits_any_more_never_starts(
    simulator: str, control: httpx.AsyncClient
) -> None:
    impatient = FalProvider(Settings(fal_queue_url=simulator, fal_key=SecretStr(KEY), flux_call_timeout_s=1))
    await misbehave(control, "never_ends", count=2)
    running = [await impatient.submit(ask(seed)) for seed in (1, 2)]
    with pytest.raises(ProviderTimeout):
        await impatient.wait(await impatient.submit(ask(3)))
    for handle in running:
        await impatient.cancel(handle)
    await impatient.close()
