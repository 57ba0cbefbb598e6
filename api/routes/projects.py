"""A user's projects."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from api.dependencies import CurrentUser, DbSession, Page, Parts, Urls
from api.openapi import failures
from schema.errors import Conflict, NotFound, PayloadTooLarge, RateLimited
from schema.kinds import ProjectStatus
from schema.models.base import Pagination, UrlOf
from schema.models.projects import ProjectAnswer, ProjectChange, ProjectDraft, ProjectsAnswer, ProjectView
from schema.queries import projects
from schema.tables import Project

router = APIRouter(prefix="/projects", tags=["projects"])
ProjectId = Annotated[str, Path(max_length=64)]
Limit = Annotated[int, Query(ge=1, le=100)]


@router.get("", operation_id="listProjects", summary="List projects, newest first", responses=failures())
async def listed(
    *,
    session: DbSession,
    caller: CurrentUser,
    url: Urls,
    status: ProjectStatus | None = None,
    page: Page = 1,
    limit: Limit = 20,
) -> ProjectsAnswer:
    rows, total = await projects.page(session, caller.id, status, page, limit)
    return ProjectsAnswer(
        projects=[ProjectView.of(row, url) for row in rows],
        pagination=Pagination.of(page, limit, total),
    )


@router.post(
    "",
    status_code=201,
    operation_id="createProject",
    summary="Create a project",
    responses=failures(NotFound, Conflict, PayloadTooLarge, RateLimited),
)
async def create(parts: Parts, caller: CurrentUser, url: Urls, draft: ProjectDraft) -> ProjectAnswer:
    """`avatarSource` says whose pictures its generations make: of `avatarId`, or as on `avatarImageUrl`."""
    return _answer(await parts.likeness.add_project(caller.id, draft), url)


@router.get("/{project_id}", operation_id="getProject", summary="One project", responses=failures(NotFound))
async def one(session: DbSession, caller: CurrentUser, url: Urls, project_id: ProjectId) -> ProjectAnswer:
    return _answer(await projects.owned(session, project_id, caller.id), url)


@router.put(
    "/{project_id}",
    operation_id="changeProject",
    summary="Change a project",
    responses=failures(NotFound, Conflict, PayloadTooLarge, RateLimited),
)
async def change(
    parts: Parts, caller: CurrentUser, url: Urls, project_id: ProjectId, wanted: ProjectChange
) -> ProjectAnswer:
    return _answer(await parts.likeness.change_project(project_id, caller.id, wanted), url)


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


def _answer(row: Project, url: UrlOf) -> ProjectAnswer:
    return ProjectAnswer(project=ProjectView.of(row, url))
