"""What a running stack has spent and done so far, by program; a benchmark takes the difference."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

import httpx
import psutil

from bench.shop import Followed
from cli.up.stack import Stack
from schema.settings import Settings
from tests.servers import postgres
from workflows.client import connect

MIB = 2**20
QUERIES = re.compile(r'posegen_temporal_request_total\{.*operation="QueryWorkflow".*\} ([\d.]+)')


def cpu_ms(up: Stack) -> dict[str, float]:
    """By program, with what it started itself, also where that has ended by now."""
    return {process.name: 1000 * sum(map(_spent_s, _family(process.pid))) for process in up.processes}


def memory_mib(up: Stack) -> dict[str, float]:
    """Resident; PostgreSQL's programs share pages that count for each of them."""
    return {
        process.name: sum(member.memory_info().rss for member in _family(process.pid)) / MIB
        for process in up.processes
    }


def spent(before: Mapping[str, float], after: Mapping[str, float], share: int = 1) -> dict[str, float]:
    return {name: (after[name] - before[name]) / share for name in before}


async def queries(up: Stack) -> int:
    """How often the API has asked Temporal how a generation is."""
    async with httpx.AsyncClient() as client:
        told = (await client.get(f"{up.api_url}/metrics")).text
    return round(sum(float(count) for count in QUERIES.findall(told)))


async def history(generation_id: str) -> tuple[int, float]:
    """Events and KiB that Temporal keeps of it."""
    client = await connect(Settings(), lazy=False)
    told = await client.get_workflow_handle(generation_id).describe()
    kept = told.raw_description.workflow_execution_info
    return kept.history_length, kept.history_size_bytes / 1024


def delays_ms(up: Stack, orders: Sequence[Followed]) -> list[float]:
    """From each picture's row to its event at the client."""
    stored = _stored_at(up, [each.generation_id for each in orders])
    return [1000 * (at - stored[item]) for each in orders for item, at in each.seen.items()]


def _stored_at(up: Stack, generation_ids: list[str]) -> dict[str, float]:
    with postgres.connect(up.database_url) as connection:
        rows: list[tuple[str, datetime]] = connection.execute(
            "SELECT id, created_at FROM generated_poses WHERE generation_id = ANY(%s)",
            (generation_ids,),
        ).fetchall()
    return {item_id: at.timestamp() for item_id, at in rows}


def _spent_s(process: psutil.Process) -> float:
    """What has ended since it was listed is counted by its parent the next time."""
    try:
        return sum(process.cpu_times()[:4])
    except psutil.NoSuchProcess:
        return 0.0


def _family(pid: int) -> list[psutil.Process]:
    root = psutil.Process(pid)
    return [root, *root.children(recursive=True)]
