"""Do the books and Temporal agree on what is running? The part of the audit that only Temporal can answer."""

from datetime import timedelta

from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from schema.database import Database
from schema.queries import audit, background_changes
from schema.queries.audit import Finding
from schema.tables import Generation
from schema.tables.columns import now

CLOSING = timedelta(seconds=30)
"""Between settling and the end of the workflow; also how far visibility may lag behind."""
RUNNING = "WorkflowType = 'GenerationWorkflow' AND ExecutionStatus = 'Running'"


async def findings(database: Database, client: Client) -> list[Finding]:
    return [
        *await _abandoned(database, client),
        *await _overdue(database, client),
        *await _changes_abandoned(database, client),
    ]


async def is_running(client: Client, workflow_id: str) -> bool:
    try:
        described = await client.get_workflow_handle(workflow_id).describe()
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return False
        raise
    return described.status is WorkflowExecutionStatus.RUNNING


async def _abandoned(database: Database, client: Client) -> list[Finding]:
    async with database.transaction() as session:
        unsettled = await audit.unsettled(session, now())
    closed = [row.id for row in unsettled if not await is_running(client, row.id)]
    return [
        Finding("an unsettled generation has a running workflow", generation_id, "its workflow is over")
        for generation_id in closed
        if not await _settled(database, generation_id, timedelta())
    ]


async def _overdue(database: Database, client: Client) -> list[Finding]:
    return [
        Finding("a settled generation has no running workflow", run.id, "its workflow still runs")
        async for run in client.list_workflows(RUNNING)
        if await _settled(database, run.id, CLOSING) and await is_running(client, run.id)
    ]


async def _changes_abandoned(database: Database, client: Client) -> list[Finding]:
    async with database.transaction() as session:
        pending = await background_changes.pending(session, now())
    closed = [row.id for row in pending if not await is_running(client, row.id)]
    async with database.transaction() as session:
        still = {row.id for row in await background_changes.pending(session, now())}
    return [
        Finding("a pending background change has a running workflow", change_id, "its workflow is over")
        for change_id in closed
        if change_id in still
    ]


async def _settled(database: Database, generation_id: str, for_at_least: timedelta) -> bool:
    """Read anew, since a generation may settle while it is being audited."""
    async with database.transaction() as session:
        generation = await session.get(Generation, generation_id)
    if generation is None or generation.settled_at is None:
        return False
    return now() - generation.settled_at >= for_at_least
