"""Every provider client against the simulator: a picture's whole way, and what a client says of itself."""

import asyncio
import io

import httpx
import pytest
from PIL import Image

from adapters.providers import Handle
from schema.errors import ProviderAccount, ProviderRejected, ProviderUnavailable
from tests.integration.provider_clients import Open, ask, begun, made, opened, stats
from tests.servers.providers import (
    COMFYUI,
    FAL,
    FAL_JOBS,
    FORMS,
    HF_INFERENCE,
    HF_QUEUE,
    RESUMABLE,
    form_settings,
)

__all__ = ["opened"]


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
