"""Bring your own pose: a project's own poses, which nobody else sees or uses."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from api.dependencies import CurrentUser, DbSession, Page, Parts, Urls
from api.openapi import failures
from api.routes.projects import ProjectId
from schema.errors import Conflict, InvalidPrompt, NotFound, PayloadTooLarge
from schema.models.base import Pagination
from schema.models.custom_poses import CustomPoseAnswer, CustomPoseDraft, CustomPosesAnswer, CustomPoseView
from schema.queries import custom_poses

router = APIRouter(prefix="/projects/{project_id}/poses", tags=["custom poses"])
PoseId = Annotated[str, Path(max_length=64, examples=["pose_01jd3k7v9m2q4x6y8z0a1b2c3d"])]
Limit = Annotated[int, Query(ge=1, le=100)]


@router.post(
    "",
    status_code=201,
    operation_id="createCustomPose",
    summary="Add a pose of one's own",
    responses=failures(NotFound, Conflict, InvalidPrompt, PayloadTooLarge),
)
async def create(
    parts: Parts, caller: CurrentUser, url: Urls, project_id: ProjectId, draft: CustomPoseDraft
) -> CustomPoseAnswer:
    """One person in OpenPose's own JSON. Its map and pictures are there with the answer."""
    pose = await parts.posing.add_custom(project_id, caller.id, draft)
    return CustomPoseAnswer(pose=CustomPoseView.of(pose, url))


@router.get(
    "",
    operation_id="listCustomPoses",
    summary="A project's own poses, newest first",
    responses=failures(NotFound),
)
async def listed(
    *,
    session: DbSession,
    caller: CurrentUser,
    url: Urls,
    project_id: ProjectId,
    page: Page = 1,
    limit: Limit = 24,
) -> CustomPosesAnswer:
    rows, total = await custom_poses.page(session, project_id, caller.id, page, limit)
    return CustomPosesAnswer(
        poses=[CustomPoseView.of(row, url) for row in rows], pagination=Pagination.of(page, limit, total)
    )


@router.get(
    "/{pose_id}",
    operation_id="getCustomPose",
    summary="One of a project's own poses",
    responses=failures(NotFound),
)
async def one(
    session: DbSession, caller: CurrentUser, url: Urls, project_id: ProjectId, pose_id: PoseId
) -> CustomPoseAnswer:
    pose = await custom_poses.owned(session, project_id, pose_id, caller.id)
    return CustomPoseAnswer(pose=CustomPoseView.of(pose, url))


@router.delete(
    "/{pose_id}",
    status_code=204,
    operation_id="deleteCustomPose",
    summary="Delete one of a project's own poses",
    responses=failures(NotFound),
)
async def delete(session: DbSession, caller: CurrentUser, project_id: ProjectId, pose_id: PoseId) -> None:
    """It can be ordered no more. What was made with it stays, and a running generation ends with it."""
    await custom_poses.delete(session, project_id, pose_id, caller.id)
