"""The library by an administrator's hand."""

from fastapi import APIRouter

from api.dependencies import Admin, DbSession, Parts, Urls
from api.openapi import failures
from api.routes.custom_poses import PoseId
from schema.errors import Forbidden, InvalidPrompt, NotFound, PayloadTooLarge
from schema.models.pose_admin import AdminPoseAnswer, AdminPoseView, LibraryPoseChange, LibraryPoseDraft
from schema.queries import pose_admin

router = APIRouter(prefix="/library", tags=["library admin"])


@router.post(
    "",
    status_code=201,
    operation_id="createPose",
    summary="Add a pose to the library",
    responses=failures(Forbidden, InvalidPrompt, PayloadTooLarge),
)
async def create(parts: Parts, _admin: Admin, url: Urls, draft: LibraryPoseDraft) -> AdminPoseAnswer:
    """The figure is given by keypoints, by OpenPose's JSON or as a posture. A refusal names the joint."""
    return AdminPoseAnswer(pose=AdminPoseView.of(await parts.posing.add(draft), url))


@router.patch(
    "/{pose_id}",
    operation_id="changePose",
    summary="Change a pose of the library",
    responses=failures(Forbidden, NotFound, InvalidPrompt, PayloadTooLarge),
)
async def change(
    parts: Parts, _admin: Admin, url: Urls, pose_id: PoseId, wanted: LibraryPoseChange
) -> AdminPoseAnswer:
    """Only what is given changes; a new figure gets new pictures. No later seeding undoes it."""
    return AdminPoseAnswer(pose=AdminPoseView.of(await parts.posing.change(pose_id, wanted), url))


@router.delete(
    "/{pose_id}",
    status_code=204,
    operation_id="retirePose",
    summary="Retire a pose of the library",
    responses=failures(Forbidden, NotFound),
)
async def retire(session: DbSession, _admin: Admin, pose_id: PoseId) -> None:
    """It is offered no more; what was made with it stays. Retiring it again changes nothing."""
    await pose_admin.retire(session, pose_id)
