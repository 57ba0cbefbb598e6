"""What only fal has: two kinds of control, returned URLs, and a queue that gives up by itself."""

import asyncio
import io
from collections.abc import AsyncIterator
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
    ItemError,
    ProviderAccount,
    ProviderRejected,
    ProviderTimeout,
    SubmitUnclear,
)
from schema.settings import Settings
from simulator.stock_poses import POSES
from tests.servers.simulator import QUICK_KEY


@pytest.fixture
async def fal(quick_simulator: str, control: httpx.AsyncClient) -> AsyncIterator[FalProvider]:
    provider = open_provider(Settings(fal_queue_url=quick_simulator, fal_key=SecretStr(QUICK_KEY)))
    assert isinstance(provider, FalProvider)
    yield provider
    await provider.close()


CALLS = {"status": 2}
"""So many meet a fault of that stage: the state is listened for, and then asked for."""


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
    quick_simulator: str, control: httpx.AsyncClient, *, union: bool
) -> None:
    fal = FalProvider(
        Settings(fal_queue_url=quick_simulator, fal_key=SecretStr(QUICK_KEY), fal_controlnet_union=union)
    )
    picture = await fal.wait(await fal.submit(ask(pose_map=draw_map(POSES["wav"], 256, 320))))
    await fal.close()
    with Image.open(io.BytesIO(picture.data)) as image:
        assert (image.size, image.format) == ((256, 320), "PNG")
    assert (picture.seed, picture.content_type) == (5, "image/png")
    (job,) = (await control.get("/log")).json()
    assert (job["seed"], job["posed_by_map"]) == (5, True)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("html", SubmitUnclear), ("foreign_status_url", ProviderRejected)],
)
async def test_a_submit_that_leads_nowhere_is_not_repeated(
    fal: FalProvider, control: httpx.AsyncClient, kind: str, expected: type[ItemError]
) -> None:
    await misbehave(control, kind, "submit", count=None)
    with pytest.raises(ItemError) as caught:
        await fal.submit(ask())
    assert type(caught.value) is expected
    (rule,) = (await control.get("/faults")).json()
    assert rule["hits"] == 1


@pytest.mark.parametrize(
    ("stage", "kind"),
    [("status", "html"), ("result", "html"), ("status", "not_found"), ("file", "not_found")],
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
    await misbehave(control, "rate_limited", stage, seconds=0.7, count=CALLS.get(stage, 1))
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
    assert rule["hits"] == CALLS.get(stage, 1)


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


async def test_a_job_that_nobody_awaits_any_more_never_starts(
    quick_simulator: str, control: httpx.AsyncClient
) -> None:
    impatient = FalProvider(
        Settings(fal_queue_url=quick_simulator, fal_key=SecretStr(QUICK_KEY), flux_call_timeout_s=1)
    )
    await misbehave(control, "never_ends", count=2)
    running = [await impatient.submit(ask(seed)) for seed in (1, 2)]
    with pytest.raises(ProviderTimeout):
        await impatient.wait(await impatient.submit(ask(3)))
    for handle in running:
        await impatient.cancel(handle)
    await impatient.close()
