"""Provider clients of every form, opened on the simulator, and what a test asks and sees there."""

import uuid
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest

from adapters.providers import FluxProvider, Handle, Picture, PictureRequest
from adapters.providers.factory import open_provider
from imaging.openpose import draw_map
from schema.settings import Settings
from simulator.stock_poses import POSES
from tests.servers.providers import form_settings
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


async def misbehave(control: httpx.AsyncClient, kind: str, stage: str | None = None, **more: Any) -> None:
    reply = await control.post("/faults", json=[{"kind": kind, "stage": stage} | more])
    assert reply.is_success, reply.text


async def hits(control: httpx.AsyncClient) -> int:
    (rule,) = (await control.get("/faults")).json()
    return int(rule["hits"])


async def stats(control: httpx.AsyncClient) -> dict[str, int]:
    counts: dict[str, int] = (await control.get("/stats")).json()
    return counts
