"""Every filter that the documents offer is taken by Temporal and finds what it says, and nothing else."""

import asyncio
import json
import re
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final

from temporalio.client import Client
from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes

from tests.eventually import eventually
from workflows import names

DOCS: Final = Path(__file__).resolve().parents[2] / "docs"
FILTER: Final = re.compile(r"`((?:Pose\w+|ExecutionStatus|WorkflowType) = [^`]+)`")
ATTRIBUTES: Final[dict[str, SearchAttributeKey[Any]]] = {key.name: key for key in names.ATTRIBUTES}


def offered() -> set[str]:
    """A time left open is some time from now."""
    soon = (datetime.now(UTC) + timedelta(minutes=5)).isoformat()
    found = {query for page in DOCS.rglob("*.md") for query in FILTER.findall(page.read_text())}
    return {query.replace("…", soon) for query in found}


def terms(query: str) -> dict[str, Any]:
    """All are of the form: name = value; when a run began is not ours to choose."""
    parts = [part.partition(" = ") for part in query.split(" AND ") if not part.startswith("StartTime")]
    return {name: json.loads(value.replace("'", '"')) for name, _, value in parts}


async def fitting(client: Client, number: int, query: str) -> str:
    """A run as the filter describes it."""
    wanted = terms(query)
    kind, status = wanted.pop("WorkflowType", "GenerationWorkflow"), wanted.pop("ExecutionStatus", "Running")
    pairs = [SearchAttributePair(ATTRIBUTES[name], value) for name, value in wanted.items()]
    run = await client.start_workflow(
        kind,
        id=f"fits-{number}",
        task_queue="nobody-serves-this",
        search_attributes=TypedSearchAttributes(pairs),
    )
    if status == "Terminated":
        await run.terminate("by hand")
    else:
        assert status == "Running"
    return run.id


async def found(client: Client, query: str) -> set[str]:
    return {run.id async for run in client.list_workflows(query)}


async def test_filters_of_the_documents_find_what_they_say(temporal: Client) -> None:
    queries = sorted(offered())
    assert len(queries) >= 8
    await temporal.start_workflow("AnotherWorkflow", id="another", task_queue="nobody-serves-this")
    ids = await asyncio.gather(*(fitting(temporal, number, query) for number, query in enumerate(queries)))
    for run_id, query in zip(ids, queries, strict=True):
        seen = await eventually(partial(found, temporal, query), partial(_holds, run_id))
        assert "another" not in seen, query


def _holds(run_id: str, runs: set[str]) -> bool:
    return run_id in runs
