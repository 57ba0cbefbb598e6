"""The journal tells what a provider would have billed, also after the simulator was killed."""

import asyncio
import json
import sys
from pathlib import Path

import httpx

from cli.up import ports
from tests.eventually import eventually
from tests.servers.simulator import MODEL, body


async def test_what_was_accepted_is_known_after_a_kill(tmp_path: Path) -> None:
    port, journal = ports.choose(0, ""), tmp_path / "journal"
    argv = [sys.executable, "-m", "simulator", "--port", str(port), "--journal", str(journal)]
    simulator = await asyncio.create_subprocess_exec(*argv)
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            await eventually(lambda: _answers(client), bool)
            rules = [{"kind": "error_500", "stage": "submit"}]
            (await client.post("/_sim/faults", json=rules)).raise_for_status()
            assert (await client.post(MODEL, json=body(seed=1))).status_code == 500
            assert (await client.post(MODEL, json=body(seed=2))).is_success
    finally:
        simulator.kill()
        await simulator.wait()
    told = [json.loads(line) for line in journal.read_text().splitlines()]
    assert [(entry["what"], entry["seed"]) for entry in told] == [("misbehaved", 1), ("accepted", 2)]
    assert (told[0]["kind"], told[0]["stage"]) == ("error_500", "submit")


async def _answers(client: httpx.AsyncClient) -> bool:
    try:
        return (await client.get("/_sim/stats")).is_success
    except httpx.TransportError:
        return False
