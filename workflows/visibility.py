"""What runs now, as Temporal's visibility has it: how many generations, and which are stuck in retries."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from temporalio.client import Client, WorkflowExecution

from workflows import names
from workflows.standing import RUNNING

STUCK: Final = f"{RUNNING} AND {names.DEGRADED.name} = true"
STANDING: Final = f"{RUNNING} AND TemporalReportedProblems IS NOT NULL"
"""Their workflow tasks fail: they cannot go on."""


@dataclass(frozen=True)
class StuckRun:
    generation_id: str
    status: str
    items_total: int
    items_done: int
    items_failed: int
    started_at: datetime


@dataclass(frozen=True)
class Running:
    count: int
    stuck: list[StuckRun]


async def running(client: Client, limit: int) -> Running:
    counted = await client.count_workflows(RUNNING)
    stuck = [_stuck(found) async for found in client.list_workflows(STUCK, limit=limit)]
    return Running(counted.count, stuck)


def _stuck(found: WorkflowExecution) -> StuckRun:
    attributes = found.typed_search_attributes
    return StuckRun(
        generation_id=found.id,
        status=attributes.get(names.STATUS) or "",
        items_total=attributes.get(names.ITEMS_TOTAL) or 0,
        items_done=attributes.get(names.ITEMS_DONE) or 0,
        items_failed=attributes.get(names.ITEMS_FAILED) or 0,
        started_at=found.start_time,
    )
