"""The history of generations, one of them, its pictures, and what can be done to it while it runs."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.control import Control
from api.dependencies import CurrentUser, Cursor, DbSession, GenerationId, Parts, Urls
from api.openapi import failures
from api.owned import owned
from schema import cursors
from schema.errors import Conflict, NotFound
from schema.kinds import GenerationStatus, ItemStatus
from schema.models.generations import (
    ControlAnswer,
    GenerationView,
    HistoryAnswer,
    ResultsAnswer,
    ResultsHead,
    StatusAnswer,
)
from schema.models.items import ItemView
from schema.queries import generations, items
from workflows.gateway import JUST_COUNTS

router = APIRouter(prefix="/generations")
Limit = Annotated[int, Query(ge=1, le=100)]
ResultsLimit = Annotated[int, Query(ge=1, le=200)]
ProjectId = Annotated[str | None, Query(alias="projectId", max_length=64)]


@router.get(
    "",
    tags=["generations"],
    operation_id="listGenerations",
    summary="The history, newest first",
    responses=failures(),
)
async def history(
    *,
    session: DbSession,
    caller: CurrentUser,
    status: GenerationStatus | None = None,
    project_id: ProjectId = None,
    cursor: Cursor = None,
    limit: Limit = 20,
) -> HistoryAnswer:
    after = cursors.place(cursor)
    rows = await generations.history(
        session, caller.id, after=after, limit=limit + 1, status=status, project_id=project_id
    )
    page = rows[:limit]
    more = cursors.encode(page[-1].created_at.isoformat(), page[-1].id) if len(rows) > limit else None
    return HistoryAnswer(generations=[GenerationView.of(row) for row in page], next_cursor=more)


@router.get(
    "/{generation_id}",
    tags=["generations"],
    operation_id="getGeneration",
    summary="Status and progress",
    responses=failures(NotFound),
)
async def status(parts: Parts, caller: CurrentUser, generation_id: GenerationId) -> StatusAnswer:
    """A running generation is asked itself; when it cannot be, the database answers with `stale: true`."""
    row = await owned(parts, caller, generation_id)
    if row.settled_at is None:
        progress = await parts.reader.read(generation_id, JUST_COUNTS)
        if not progress.status.terminal:
            return StatusAnswer.of(row, progress)
        row = await owned(parts, caller, generation_id)  # it has ended since, and the books have all of it
    return StatusAnswer.of(row, await parts.reader.stored(generation_id))


@router.get(
    "/{generation_id}/results",
    tags=["results"],
    operation_id="listResults",
    summary="Finished pictures with their URLs",
    responses=failures(NotFound),
)
async def results(
    *,
    session: DbSession,
    caller: CurrentUser,
    url: Urls,
    generation_id: GenerationId,
    status: ItemStatus | None = None,
    cursor: Cursor = None,
    limit: ResultsLimit = 50,
) -> ResultsAnswer:
    """Every picture with a fate, in order: delivered ones with URLs, others with the reason."""
    after_index = cursors.number(cursor)
    row = await generations.owned(session, generation_id, caller.id)
    found = await items.page(session, row.id, after_index=after_index, limit=limit + 1, status=status)
    page = found[:limit]
    return ResultsAnswer(
        results=[ItemView.of(item, url, row) for item in page],
        generation=ResultsHead.of(row),
        next_cursor=cursors.encode(str(page[-1].index)) if len(found) > limit else None,
    )


@router.post(
    "/{generation_id}/cancel",
    tags=["generations"],
    status_code=202,
    operation_id="cancelGeneration",
    summary="Cancel",
    responses=failures(NotFound, Conflict),
)
async def cancel(parts: Parts, caller: CurrentUser, generation_id: GenerationId) -> ControlAnswer:
    """Pictures that are not delivered are refunded. Cancelling again, or too late, changes nothing."""
    return await Control(parts, caller, generation_id).cancel()


@router.post(
    "/{generation_id}/pause",
    tags=["generations"],
    operation_id="pauseGeneration",
    summary="Pause",
    responses=failures(NotFound, Conflict),
)
async def pause(parts: Parts, caller: CurrentUser, generation_id: GenerationId) -> ControlAnswer:
    """No new pictures are begun; those in work are finished."""
    return await Control(parts, caller, generation_id).pause()


@router.post(
    "/{generation_id}/resume",
    tags=["generations"],
    operation_id="resumeGeneration",
    summary="Resume",
    responses=failures(NotFound, Conflict),
)
async def resume(parts: Parts, caller: CurrentUser, generation_id: GenerationId) -> ControlAnswer:
    return await Control(parts, caller, generation_id).resume()
