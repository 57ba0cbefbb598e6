"""The stack's services: their ports, and a real Temporal server that is killed and comes back."""

import asyncio
import os
import signal
import socket
from pathlib import Path

import httpx
import pytest

from cli.up import process, temporal
from cli.up.services import Options, Services
from cli.up.stack import Stack
from cli.up.supervisor import Supervisor
from schema.errors import Conflict


def _options(folder: Path, port: int = 0, temporal_port: int = 0, ui_port: int = 0) -> Options:
    return Options(folder, port, temporal_port, ui_port, latency_s=0, workers=1, programs_at=None)


def _stack(folder: Path) -> Stack:
    return Stack(data_dir=folder, supervisor=process.mark("test", os.getpid()))


@pytest.mark.parametrize("flag", ["--port", "--temporal-port", "--ui-port"])
def test_a_taken_port_names_its_flag_before_anything_is_started(flag: str, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        asked = {flag.strip("-").replace("-", "_"): taken}
        with pytest.raises(Conflict, match=rf"Port {taken} is taken\. Choose another one with {flag} "):
            Services(_stack(tmp_path), _options(tmp_path, **asked))


async def test_temporal_knows_our_search_attributes_and_comes_back_after_a_kill(tmp_path: Path) -> None:
    stack = _stack(tmp_path)
    supervisor = Supervisor(stack.log_dir, stack.record)
    services = Services(stack, _options(tmp_path))
    try:
        await supervisor.start(services.temporal)
        attributes = await _custom_attributes(stack)
        first = stack.processes[0]
        os.kill(first.pid, signal.SIGKILL)
        assert await _next_answer(stack, first) == attributes
    finally:
        await supervisor.stop()
    assert attributes is not None
    assert attributes["PoseUserId"] == "INDEXED_VALUE_TYPE_KEYWORD"
    assert attributes["PoseItemsTotal"] == "INDEXED_VALUE_TYPE_INT"
    assert attributes["PoseDegraded"] == "INDEXED_VALUE_TYPE_BOOL"
    assert len(attributes) == 8
    assert not process.is_alive(stack.processes[0])


async def _next_answer(stack: Stack, dead: process.Process) -> dict[str, str]:
    async with asyncio.timeout(20):
        while True:
            answer = await _custom_attributes(stack)
            if answer is not None and stack.processes[0] != dead:
                return answer
            await asyncio.sleep(0.05)


async def _custom_attributes(stack: Stack) -> dict[str, str] | None:
    url = f"{temporal.namespace_url(stack.temporal_ui_url)}/search-attributes"
    try:
        async with httpx.AsyncClient(trust_env=False) as client:
            answer = await client.get(url)
    except httpx.TransportError:
        return None
    attributes: dict[str, str] | None = answer.json().get("customAttributes")
    return attributes
