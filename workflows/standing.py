"""Do the books and Temporal agree on what is running? The part of the audit that only Temporal can answer."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from activities import lost
from schema.database import Database
from schema.queries.audit import Finding
from schema.reconciling import Fate, FindLost, Lost, LostKind
from schema.tables import BackgroundChange, Generation
from schema.tables.columns import now

CLOSING = timedelta(seconds=30)
"""Between settling and the end of the workflow; also how far visibility may lag behind."""
RUNNING = "WorkflowType = 'GenerationWorkflow' AND ExecutionStatus = 'Running'"
CHANGING = "WorkflowType = 'BackgroundChangeWorkflow' AND ExecutionStatus = 'Running'"
ABANDONED: Final = {
    LostKind.GENERATION: "an unsettled generation has a running workflow",
    LostKind.BACKGROUND: "a pending background change has a running workflow",
    LostKind.MESSAGE: "a pending message has a running workflow",
    LostKind.END: "the end of a generation is told to whoever asked for it",
}
OVERDUE: Final = "a settled generation has no running workflow"
CHANGE_OVERDUE: Final = "an ended background change has no running workflow"
RULES: Final = (*ABANDONED.values(), OVERDUE, CHANGE_OVERDUE)


async def findings(database: Database, client: Client, closing: timedelta = CLOSING) -> list[Finding]:
    """`closing`: for what is written first and started or ended right after it."""
    found = [
        Finding(ABANDONED[each.kind], each.id, f"its workflow is {each.fate}")
        async for each in _abandoned(database, client, closing)
    ]
    overdue = [
        Finding(rule, workflow_id, "its workflow still runs")
        for rule, query in ((OVERDUE, RUNNING), (CHANGE_OVERDUE, CHANGING))
        async for workflow_id in _overdue(database, client, query, closing)
    ]
    return found + overdue


async def fate(client: Client, workflow_id: str) -> Fate:
    """Of its latest run."""
    try:
        described = await client.get_workflow_handle(workflow_id).describe()
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return Fate.UNKNOWN
        raise
    if described.close_time is None:
        return Fate.RUNNING
    return Fate.CANCELLED if described.status is WorkflowExecutionStatus.CANCELED else Fate.STOPPED


async def _abandoned(database: Database, client: Client, closing: timedelta) -> AsyncIterator[Lost]:
    """Charges write the row while their workflow runs; only messages are written before it is started."""
    for kind in LostKind:
        after: str | None = ""
        while after is not None:
            grace_s = closing.total_seconds() if kind in {LostKind.MESSAGE, LostKind.END} else 0
            call = FindLost(kind=kind, after=after, grace_s=grace_s)
            page = await lost.find(database, partial(fate, client), call)
            for each in page.lost:
                yield each
            after = page.after


async def _overdue(database: Database, client: Client, query: str, closing: timedelta) -> AsyncIterator[str]:
    async for run in client.list_workflows(query):
        ended = await _ended_at(database, run.id)
        if ended and now() - ended >= closing and await fate(client, run.id) is Fate.RUNNING:
            yield run.id


async def _ended_at(database: Database, row_id: str) -> datetime | None:
    async with database.transaction() as session:
        generation = await session.get(Generation, row_id)
        change = await session.get(BackgroundChange, row_id)
    return generation.settled_at if generation else change.ended_at if change else None
