"""Do the books and Temporal agree on what is running? The part of the audit that only Temporal can answer."""

from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from typing import Final

from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError

from activities import lost
from schema.database import Database
from schema.queries.audit import Finding
from schema.reconciling import Fate, FindLost, Lost, LostKind
from schema.tables import BackgroundChange, Generation
from schema.tables.columns import now
from workflows.client import is_unknown

CLOSING = timedelta(seconds=30)
"""Between settling and the end of the workflow; also how far visibility may lag behind."""
RUNNING = "WorkflowType = 'GenerationWorkflow' AND ExecutionStatus = 'Running'"
CHANGING = "WorkflowType = 'BackgroundChangeWorkflow' AND ExecutionStatus = 'Running'"
ABANDONED: Final = {
    LostKind.GENERATION: "an unsettled generation has a running workflow",
    LostKind.BACKGROUND: "a pending background change has a running workflow",
    LostKind.MESSAGE: "a pending message has a running workflow",
    LostKind.END: "whoever asked for it is told of a generation's end and its pictures",
}
OVERDUE: Final = {
    RUNNING: "a settled generation has no running workflow",
    CHANGING: "an ended background change has no running workflow",
}
FORGOTTEN: Final = "what a workflow runs for is in the books"
RULES: Final = (*ABANDONED.values(), *OVERDUE.values(), FORGOTTEN)


async def findings(database: Database, client: Client, closing: timedelta = CLOSING) -> list[Finding]:
    """`closing`: for what is written first and started or ended right after it."""
    found = [
        Finding(ABANDONED[each.kind], each.id, f"its workflow is {each.fate}")
        async for each in _abandoned(database, client, closing)
    ]
    astray = [each for query in OVERDUE async for each in _astray(database, client, query, closing)]
    return found + astray


async def fate(client: Client, workflow_id: str) -> Fate:
    """Of its latest run."""
    try:
        described = await client.get_workflow_handle(workflow_id).describe()
    except RPCError as error:
        if is_unknown(error):
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


async def _astray(
    database: Database, client: Client, query: str, closing: timedelta
) -> AsyncIterator[Finding]:
    """Workflows that run for what has ended, or for what an older backup of the books does not know."""
    async for run in client.list_workflows(query):
        async with database.transaction() as session:
            generation = await session.get(Generation, run.id)
            change = await session.get(BackgroundChange, run.id)
        ended_at = generation.settled_at if generation else change.ended_at if change else run.start_time
        rule = OVERDUE[query] if generation or change else FORGOTTEN
        if ended_at and now() - ended_at >= closing and await fate(client, run.id) is Fate.RUNNING:
            yield Finding(rule, run.id, "its workflow still runs")
