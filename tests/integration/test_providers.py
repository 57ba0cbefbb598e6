"""Every provider client against the simulator: a picture's whole way, and every way to lose it."""

import asyncio
import io
import uuid
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
from PIL import Image

from adapters.providers import FluxProvider, Handle, Picture, PictureRequest
from adapters.providers.factory import open_provider
from imaging.openpose import draw_map
from schema.errors import (
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
from simulator.stock_poses import POSES
from tests.eventually import eventually
from tests.servers.providers import (
    BLOCKING,
    COMFYUI,
    FAL,
    FAL_JOBS,
    FORMS,
    HF_FAL,
    HF_INFERENCE,
    HF_QUEUE,
    RESUMABLE,
    form_settings,
)
from tests.servers.simulator import QUICK_KEY

Open = Callable[..., FluxProvider]


@pytest.fixture
async def opened(quick_simulator: str, control: httpx.AsyncClient) -> AsyncIterator[Open]:
    """Opens the client of a form; all are closed at the end."""
    providers: list[FluxProvider] = []

    def open_form(form: str, **changes: Any) -> FluxProvider:
        values = form_settings(form, quick_simulator, QUICK_KEY) | changes
        providers.append(open_provider(Settings(_env_file=None, **values)))
        return providers[-1]

    yield open_form
    for provider in providers:
        await provider.close()


def ask(
    seed: int = 5, prompt: str = "a woman standing", *, guided: bool = False, key: str = ""
) -> PictureRequest:
    pose_map = draw_map(POSES["wav"], 256, 320) if guided else None
    return PictureRequest(prompt, "blurry", seed, 256, 320, pose_map, key=key or uuid.uuid4().hex)


async def made(provider: FluxProvider, request: PictureRequest) -> Picture:
    begun = await provider.submit(request)
    return begun if isinstance(begun, Picture) else await provider.wait(begun)


async def begun(provider: FluxProvider, request: PictureRequest) -> Handle:
    handle = await provider.submit(request)
    assert isinstance(handle, Handle)
    return handle


async def lost(provider: FluxProvider) -> ItemError:
    with pytest.raises(ItemError) as caught:
        await made(provider, ask())
    return caught.value


async def misbehave(control: httpx.AsyncClient, kind: str, stage: str | None = None, **more: Any) -> None:
    reply = await control.post("/faults", json=[{"kind": kind, "stage": stage} | more])
    assert reply.is_success, reply.text


async def hits(control: httpx.AsyncClient) -> int:
    (rule,) = (await control.get("/faults")).json()
    return int(rule["hits"])


async def stats(control: httpx.AsyncClient) -> dict[str, int]:
    counts: dict[str, int] = (await control.get("/stats")).json()
    return counts


@pytest.mark.parametrize("form", FORMS)
async def test_a_picture_of_the_asked_pose_size_and_seed(
    opened: Open, control: httpx.AsyncClient, form: str
) -> None:
    provider = opened(form)
    guided = provider.capabilities.pose_map
    picture = await made(provider, ask(guided=guided))
    with Image.open(io.BytesIO(picture.data)) as image:
        assert (image.size, image.format) == ((256, 320), "PNG")
    assert picture.content_type == "image/png"
    assert picture.seed == (5 if form in FAL_JOBS else None)
    (job,) = (await control.get("/log")).json()
    assert (job["seed"], job["posed_by_map"], job["delivered"]) == (5, guided, True)


@pytest.mark.parametrize("form", [FAL, COMFYUI])
async def test_without_a_map_the_prompt_alone_decides(
    opened: Open, control: httpx.AsyncClient, form: str
) -> None:
    await made(opened(form), ask())
    (job,) = (await control.get("/log")).json()
    assert (job["posed_by_map"], job["prompt"]) == (False, "a woman standing")


@pytest.mark.parametrize("form", FORMS)
async def test_what_a_provider_says_of_itself_is_so(opened: Open, form: str) -> None:
    provider = opened(form)
    can = provider.capabilities
    assert (provider.name, can.resumable) == (form.partition("-")[0], form in RESUMABLE)
    assert isinstance(await provider.submit(ask()), Handle) is can.resumable


@pytest.mark.parametrize("form", RESUMABLE)
async def test_another_process_can_wait_for_the_same_picture(
    opened: Open, control: httpx.AsyncClient, form: str
) -> None:
    handle = await begun(opened(form), ask())
    recorded = Handle.model_validate_json(handle.model_dump_json())
    assert (await opened(form).wait(recorded)).data.startswith(b"\x89PNG")
    assert (await stats(control))["submitted"] == 1


@pytest.mark.parametrize("form", FORMS)
async def test_many_at_once_come_back_each_with_its_own(
    opened: Open, control: httpx.AsyncClient, form: str
) -> None:
    provider = opened(form)
    pictures = await asyncio.gather(*(made(provider, ask(seed)) for seed in range(8)))
    assert len({picture.data for picture in pictures}) == 8
    assert {job["seed"] for job in (await control.get("/log")).json()} == set(range(8))


REFUSALS = {
    "rate_limited": ProviderBusy,
    "rate_limited_silently": ProviderBusy,
    "loading": ProviderUnavailable,
    "error_400": ProviderRejected,
    "error_408": ProviderUnavailable,
    "error_422": ProviderRejected,
    "error_500": ProviderUnavailable,
    "error_502": ProviderUnavailable,
    "error_503": ProviderUnavailable,
    "error_504": ProviderUnavailable,
    "unauthorized": ProviderAccount,
    "out_of_credits": ProviderAccount,
    "locked": ProviderAccount,
    "not_found": ProviderRejected,
    "gone": ProviderRejected,
    "redirect": ProviderRejected,
    "reset": SubmitUnclear,
    "cut": SubmitUnclear,
    "cut_halfway": SubmitUnclear,
}


@pytest.mark.parametrize("form", FORMS)
async def test_a_refused_submit_is_named_and_sent_once(
    opened: Open, control: httpx.AsyncClient, form: str
) -> None:
    """An unclear one is no such thing at ComfyUI, which can be asked for it."""
    provider, seen = opened(form), {}
    for seed, kind in enumerate(REFUSALS):
        await misbehave(control, kind, "submit", count=None)
        with pytest.raises(ItemError) as caught:
            await provider.submit(ask(seed))
        assert await hits(control) == 1, kind
        await control.delete("/faults")
        seen[kind] = type(caught.value)
    found = {
        kind: ProviderUnavailable for kind in REFUSALS if form == COMFYUI and REFUSALS[kind] is SubmitUnclear
    }
    assert seen == REFUSALS | found


@pytest.mark.parametrize("form", FORMS)
async def test_a_refused_submit_passes_the_stated_wait_on(
    opened: Open, control: httpx.AsyncClient, form: str
) -> None:
    """A model that loads is waited for a minute at most; a proxy's Retry-After is taken at its word."""
    provider, waits = opened(form), []
    for kind, told_s in (("rate_limited", 7), ("loading", 400)):
        await misbehave(control, kind, "submit", seconds=told_s)
        with pytest.raises(ItemError) as caught:
            await provider.submit(ask())
        waits.append(caught.value.retry_after_s)
    assert waits == [7, 400 if form == COMFYUI else 60]


@pytest.mark.parametrize("form", FORMS)
async def test_a_wrong_key_is_the_accounts_fault(opened: Open, form: str) -> None:
    other = form_settings(form, "", "another-key")
    keys = {name: value for name, value in other.items() if name.endswith("_key")}
    with pytest.raises(ProviderAccount) as caught:
        await opened(form, **keys).submit(ask())
    assert "another-key" not in str(caught.value.details)


OUTCOMES: dict[str, type[ItemError]] = {
    "failed_422": ProviderRejected,
    "failed_500": ProviderUnavailable,
    "failed_503": ProviderUnavailable,
    "failed_504": ProviderUnavailable,
    "failed_quietly": ProviderUnavailable,
    "gateway_500": ProviderUnavailable,
    "gateway_503": ProviderUnavailable,
    "gateway_504": ProviderUnavailable,
    "out_of_memory": ProviderUnavailable,
}
MODERATED: dict[str, type[ItemError]] = {
    "moderated": InappropriatePrompt,
    "no_media": OutputModerated,
    "black_flagged": OutputModerated,
    "flagged": OutputModerated,
}


@pytest.mark.parametrize("form", FORMS)
async def test_a_failed_job_is_named(opened: Open, control: httpx.AsyncClient, form: str) -> None:
    provider = opened(form)
    expected = OUTCOMES | (MODERATED if form in FAL_JOBS else {})
    seen = {}
    for kind in expected:
        await misbehave(control, kind)
        seen[kind] = type(await lost(provider))
        await control.delete("/faults")
    assert seen == expected


@pytest.mark.parametrize("form", FORMS)
async def test_what_only_a_decoder_can_see_is_passed_on(
    opened: Open, control: httpx.AsyncClient, form: str
) -> None:
    provider = opened(form)
    for seed, kind in enumerate(("black", "garbage", "truncated", "wrong_size")):
        await misbehave(control, kind)
        assert (await made(provider, ask(seed))).data, kind


TROUBLE = ("error_500", "error_502", "error_503", "error_408", "reset", "cut", "cut_halfway", "rate_limited")


@pytest.mark.parametrize("stage", ["status", "result", "file"])
@pytest.mark.parametrize("form", RESUMABLE)
async def test_trouble_on_the_way_does_not_lose_a_paid_picture(
    opened: Open, control: httpx.AsyncClient, form: str, stage: str
) -> None:
    if form == COMFYUI and stage == "result":
        stage = "status"  # its history is both
    provider = opened(form)
    for seed, some in enumerate((TROUBLE[:4], TROUBLE[4:])):
        rules = [{"kind": kind, "stage": stage, "seconds": 0} for kind in some]
        (await control.post("/faults", json=rules)).raise_for_status()
        assert (await made(provider, ask(seed))).data.startswith(b"\x89PNG")
    assert all(rule["hits"] == 1 for rule in (await control.get("/faults")).json())
    assert (await stats(control))["submitted"] == 2


@pytest.mark.parametrize("form", [*RESUMABLE, HF_FAL])
async def test_a_download_that_breaks_is_repeated(
    opened: Open, control: httpx.AsyncClient, form: str
) -> None:
    await misbehave(control, "cut_halfway", "file", count=2)
    assert (await made(opened(form), ask())).data.startswith(b"\x89PNG")
    assert await hits(control) == 2
    assert (await stats(control))["submitted"] == 1


@pytest.mark.parametrize("kind", ["silence", "drip", "cut", "cut_halfway"])
@pytest.mark.parametrize("form", BLOCKING)
async def test_a_blocking_answer_that_does_not_come_whole_is_unclear(
    opened: Open, control: httpx.AsyncClient, form: str, kind: str
) -> None:
    await misbehave(control, kind, "submit", count=None)
    with pytest.raises(SubmitUnclear):
        await opened(form, flux_call_timeout_s=0.8).submit(ask())
    assert await hits(control) == 1
    await eventually(lambda: stats(control), lambda seen: seen["completed"] == 1)


@pytest.mark.parametrize("form", BLOCKING)
async def test_a_handle_of_another_route_is_lost(opened: Open, form: str) -> None:
    handle = Handle(provider="huggingface", request_id="r", status_url="https://router.huggingface.co/x")
    provider = opened(form)
    with pytest.raises(SubmitUnclear):
        await provider.wait(handle)
    await provider.cancel(handle)


@pytest.mark.parametrize("form", RESUMABLE)
async def test_the_callers_deadline_ends_what_never_would(
    opened: Open, control: httpx.AsyncClient, form: str
) -> None:
    await misbehave(control, "silence", "status", count=None)
    provider = opened(form)
    handle = await begun(provider, ask())
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5):
            await provider.wait(handle)
    assert await hits(control) >= 1


@pytest.mark.parametrize("form", RESUMABLE)
async def test_a_running_job_is_cancelled_and_says_so(
    opened: Open, control: httpx.AsyncClient, form: str
) -> None:
    await misbehave(control, "never_ends")
    provider = opened(form)
    handle = await begun(provider, ask())
    waiting = asyncio.create_task(provider.wait(handle))
    await eventually(lambda: stats(control), lambda seen: seen["in_progress"] == 1)
    await provider.cancel(handle)
    with pytest.raises(ProviderUnavailable):
        await waiting
    counts = await eventually(lambda: stats(control), lambda seen: seen["in_progress"] == 0)
    assert counts["cancelled"] == 1
    await provider.cancel(handle)


@pytest.mark.parametrize("form", RESUMABLE)
async def test_cancelling_takes_from_the_queue_only_its_own(
    opened: Open, control: httpx.AsyncClient, form: str
) -> None:
    await misbehave(control, "never_ends", count=2)
    provider = opened(form)
    running = [await begun(provider, ask(seed)) for seed in (1, 2)]
    queued = [await begun(provider, ask(seed)) for seed in (3, 4)]
    await provider.cancel(queued[0])
    counts = await eventually(lambda: stats(control), lambda seen: seen["in_queue"] == 1)
    assert (counts["in_progress"], counts["cancelled"]) == (2, 1)
    for handle in running:
        await provider.cancel(handle)
    assert (await provider.wait(queued[1])).data


@pytest.mark.parametrize("form", RESUMABLE)
async def test_cancelling_a_finished_or_unknown_job_is_no_error(opened: Open, form: str) -> None:
    provider = opened(form)
    handle = await begun(provider, ask())
    await provider.wait(handle)
    await provider.cancel(handle)
    unknown = handle.model_dump_json().replace(handle.request_id, "x")
    await provider.cancel(Handle.model_validate_json(unknown))


@pytest.mark.parametrize("form", FORMS)
async def test_a_checkup_costs_nothing_and_names_the_trouble(
    opened: Open, control: httpx.AsyncClient, form: str
) -> None:
    assert await opened(form).check()
    keys = {name: "other" for name in form_settings(form, "", "") if name.endswith("_key")}
    with pytest.raises(ProviderAccount):
        await opened(form, **keys).check()
    gone = {name: "http://127.0.0.1:9" for name in form_settings(form, "", "") if name.endswith("_url")}
    with pytest.raises(ProviderUnavailable, match=r"http://127\.0\.0\.1:9 does not answer"):
        await opened(form, **gone).check()
    assert (await stats(control))["submitted"] == 0


async def test_a_hub_that_does_not_list_the_service_is_a_refusal(opened: Open) -> None:
    model = "stabilityai/stable-diffusion-3.5-large"
    with pytest.raises(ProviderRejected, match="hf-inference does not serve"):
        await opened(HF_INFERENCE, huggingface_model=model).check()
    assert "fal-ai serves" in await opened(HF_QUEUE, huggingface_model=model).check()
