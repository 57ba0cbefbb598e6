"""The simulator as a process of its own, on a free port, and a client's steps at its fal queue."""

import re
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import httpx
import pytest

from tests.eventually import eventually

MODEL = "/fal-ai/flux-general"
QUICK_KEY = "simulated-key"
STOP_TIMEOUT_S = 20


@contextmanager
def simulator(*options: str) -> Iterator[str]:
    """Its URL once it listens; it is gone when the `with` ends."""
    command = [sys.executable, "-m", "simulator", "--port", "0", *options]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield _url_once_ready(process)
        finally:
            process.terminate()
            process.communicate(timeout=STOP_TIMEOUT_S)


def _url_once_ready(process: subprocess.Popen[str]) -> str:
    said = ""
    for line in process.stderr or ():
        said += line
        if ready := re.search(r"running on (http://[\d.]+:\d+)", line):
            return ready[1]
    pytest.fail(f"the simulator did not start:\n{said}")


def data_uri(data: bytes, media_type: str = "image/png") -> str:
    return f"data:{media_type};base64,{b64encode(data).decode()}"


def body(**more: Any) -> dict[str, Any]:
    return {"prompt": "a tailor", "seed": 5, "image_size": {"width": 256, "height": 320}} | more


async def submit(
    fal: httpx.AsyncClient, headers: dict[str, str] | None = None, **more: Any
) -> dict[str, Any]:
    reply = await fal.post(MODEL, json=body(**more), headers=headers)
    assert reply.status_code == 200, reply.text
    ticket: dict[str, Any] = reply.json()
    return ticket


async def completed(fal: httpx.AsyncClient, ticket: dict[str, Any]) -> dict[str, Any]:
    last = await eventually(partial(fal.get, ticket["status_url"]), lambda reply: reply.status_code == 200)
    status: dict[str, Any] = last.json()
    assert status["status"] == "COMPLETED"
    return status


async def result(fal: httpx.AsyncClient, **more: Any) -> httpx.Response:
    ticket = await submit(fal, **more)
    await completed(fal, ticket)
    return await fal.get(ticket["response_url"])


async def picture(fal: httpx.AsyncClient, **more: Any) -> bytes:
    reply = await result(fal, **more)
    return (await fal.get(reply.json()["images"][0]["url"])).content
