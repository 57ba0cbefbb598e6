"""What the community wishes for."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from api.auth import Caller
from api.dependencies import Admin, CurrentUser, DbSession, Page, Parts, Urls
from api.openapi import failures
from schema.errors import Conflict, Forbidden, InvalidPrompt, NotFound, PayloadTooLarge, RateLimited
from schema.kinds import PoseRequestStatus
from schema.models.base import Pagination, UrlOf, upload_url
from schema.models.pose_requests import (
    PoseRequestAnswer,
    PoseRequestChange,
    PoseRequestDraft,
    PoseRequestsAnswer,
    PoseRequestView,
)
from schema.queries import pose_requests
from schema.queries.pose_requests import Row

router = APIRouter(prefix="/requests", tags=["requests"])
RequestId = Annotated[str, Path(max_length=64, examples=["req_01jd3k7v9m2q4x6y8z0a1b2c3d"])]
Limit = Annotated[int, Query(ge=1, le=100)]


@router.get(
    "", operation_id="listPoseRequests", summary="Pose requests, most voted first", responses=failures()
)
async def listed(
    *,
    session: DbSession,
    caller: CurrentUser,
    url: Urls,
    status: PoseRequestStatus | None = None,
    page: Page = 1,
    limit: Limit = 20,
) -> PoseRequestsAnswer:
    rows, total = await pose_requests.page(session, caller.id, status, page, limit)
    return PoseRequestsAnswer(
        requests=[_view(row, caller, url) for row in rows], pagination=Pagination.of(page, limit, total)
    )


@router.post(
    "",
    status_code=201,
    operation_id="createPoseRequest",
    summary="Ask for a pose",
    responses=failures(NotFound, Conflict, InvalidPrompt, PayloadTooLarge, RateLimited),
)
async def create(parts: Parts, caller: CurrentUser, url: Urls, draft: PoseRequestDraft) -> PoseRequestAnswer:
    """Counts as the caller's own vote."""
    return _answer(await parts.likeness.add_request(caller.id, draft), caller, url)


@router.post(
    "/{request_id}/vote",
    operation_id="voteForPoseRequest",
    summary="Vote for a pose request",
    responses=failures(NotFound, Conflict),
)
async def vote(
    session: DbSession, caller: CurrentUser, url: Urls, request_id: RequestId
) -> PoseRequestAnswer:
    """One vote a user: a second one changes nothing. Refused once the request is rejected or completed."""
    return _answer(await pose_requests.vote(session, request_id, caller.id), caller, url)


@router.patch(
    "/{request_id}",
    operation_id="changePoseRequest",
    summary="Decide on a pose request",
    responses=failures(Forbidden, NotFound, Conflict, PayloadTooLarge),
)
async def change(
    session: DbSession, caller: Admin, url: Urls, request_id: RequestId, wanted: PoseRequestChange
) -> PoseRequestAnswer:
    """For administrators. Completing it names the pose of the library that came of it."""
    values = wanted.model_dump(exclude_unset=True)
    return _answer(await pose_requests.change(session, request_id, caller.id, values), caller, url)


def _view(row: Row, caller: Caller, url: UrlOf) -> PoseRequestView:
    request, has_voted = row
    return PoseRequestView.model_validate(
        request.model_dump()
        | {
            "has_voted": has_voted,
            "is_mine": request.user_id == caller.id,
            "reference_image_url": upload_url(url, request.user_id, request.reference_image_id),
        }
    )


def _answer(row: Row, caller: Caller, url: UrlOf) -> PoseRequestAnswer:
    return PoseRequestAnswer(request=_view(row, caller, url))
