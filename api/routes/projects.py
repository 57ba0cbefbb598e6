"""A user's projects."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from api.dependencies import CurrentUser, DbSession, Page
from api.openapi import failures
from schema.errors import Conflict, NotFound, PayloadTooLarge
from schema.kinds import ProjectStatus
from schema.models.base import Pagination
from schema.models.projects import ProjectAnswer, ProjectChange, ProjectDraft, ProjectsAnswer, ProjectView
from schema.queries import projects
from schema.tables import Project

router = APIRouter(prefix="/projects", tags=["projects"])
ProjectId = Annotated[str, Path(max_length=64)]
Limit = Annotated[int, Query(ge=1, le=100)]


@router.get("", operation_id="listProjects", summary="List projects, newest first", responses=failures())
async def listed(
    session: DbSession,
    caller: CurrentUser,
    status: ProjectStatus | None = None,
    page: Page = 1,
    limit: Limit = 20,
) -> ProjectsAnswer:
    rows, total = await projects.page(session, caller.id, status, page, limit)
    return ProjectsAnswer(
        projects=[ProjectView.model_validate(row) for row in rows],
        pagination=Pagination.of(page, limit, total),
    )


@router.post(
    "",
    status_code=201,
    operation_id="createProject",
    summary="Create a project",
    responses=failures(NotFound, PayloadTooLarge),
)
async def create(session: DbSession, caller: CurrentUser, draft: ProjectDraft) -> ProjectAnswer:
    return _answer(await projects.create(session, caller.id, draft.model_dump()))


@router.get("/{project_id}", operation_id="getProject", summary="One project", responses=failures(NotFound))
async def one(session: DbSession, caller: CurrentUser, project_id: ProjectId) -> ProjectAnswer:
    return _answer(await projects.owned(session, project_id, caller.id))


@router.put(
    "/{project_id}",
    operation_id="changeProject",
    summary="Change a project",
    responses=failures(NotFound, PayloadTooLarge),
)
async def change(
    session: DbSession, caller: CurrentUser, project_id: ProjectId, wanted: ProjectChange
) -> ProjectAnswer:
    return _answer(await projects.change(session, project_id, caller.id, wanted.values))


@router.delete(
    "/{project_id}",
    status_code=204,
    operation_id="deleteProject",
    summary="Delete a project",
    responses=failures(NotFound, Conflict),
)
async def delete(session: DbSession, caller: CurrentUser, project_id: ProjectId) -> None:
    """Refused while one of its generations runs. What was made stays reachable by its own id."""
    await projects.delete(session, project_id, caller.id)


def _answer(row: Project) -> ProjectAnswer:
    return ProjectAnswer(project=ProjectView.model_validate(row))
