"""A simulator that misbehaves as it is told, for tests of how it does."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest

from tests.servers.simulator import simulator

SIZE = (256, 320)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with simulator("--latency-s", "0.02") as address:
        yield address


@pytest.fixture
async def fal(url: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=url) as client:
        yield client
        (await client.delete("/_sim")).raise_for_status()


async def misbehave(fal: httpx.AsyncClient, kind: str, stage: str | None = None, **more: Any) -> None:
    reply = await fal.post("/_sim/faults", json=[{"kind": kind, "stage": stage} | more])
    assert reply.status_code == 200, reply.text


async def stats(fal: httpx.AsyncClient) -> dict[str, int]:
    counts: dict[str, int] = (await fal.get("/_sim/stats")).json()
    return counts


FAILED = {
    "moderated": (422, "content_policy_violation"),
    "no_media": (422, "no_media_generated"),
    "failed_422": (422, "value_error"),
    "failed_500": (500, "internal_server_error"),
    "failed_503": (503, "downstream_service_unavailable"),
    "failed_504": (504, "generation_timeout"),
    "failed_quietly": (500, "internal_server_error"),
    "out_of_memory": (500, "internal_server_error"),
}
FAILED_AT_THE_GATEWAY = {
    "gateway_500": (500, "internal_error"),
    "gateway_503": (503, "runner_disconnected"),
    "gateway_504": (504, "startup_timeout"),
}
