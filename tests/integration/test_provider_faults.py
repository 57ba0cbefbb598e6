"""Every provider client against the simulator: every way to lose a picture, and to keep it yet."""

import httpx
import pytest

from adapters.providers import FluxProvider, Handle
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
from tests.eventually import eventually
from tests.integration.provider_clients import Open, ask, hits, made, misbehave, opened, stats
from tests.servers.providers import BLOCKING, COMFYUI, FAL_JOBS, FORMS, HF_FAL, RESUMABLE, form_settings

__all__ = ["opened"]


async def lost(provider: FluxProvider) -> ItemError:
    with pytest.raises(ItemError) as caught:
        await made(provider, ask())
    return caught.value


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
