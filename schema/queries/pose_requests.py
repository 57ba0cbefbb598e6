"""What users ask of the library. A vote is counted once a user, in the transaction that writes it."""

from typing import Any

from sqlalchemy import ColumnElement, exists, func
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from schema import ids
from schema.errors import Conflict, NotFound, ValidationFailed
from schema.kinds import PoseRequestStatus as Status
from schema.queries import library, locks, pose_admin, uploads
from schema.tables import PoseRequest, PoseRequestVote
from schema.tables.columns import now

NEXT: dict[Status, frozenset[Status]] = {
    Status.PENDING: frozenset({Status.APPROVED, Status.IN_PROGRESS, Status.REJECTED}),
    Status.APPROVED: frozenset({Status.IN_PROGRESS, Status.COMPLETED, Status.REJECTED}),
    Status.IN_PROGRESS: frozenset({Status.APPROVED, Status.COMPLETED, Status.REJECTED}),
    Status.REJECTED: frozenset({Status.APPROVED}),
    Status.COMPLETED: frozenset(),
}
"""A rejection may be thought over; what is completed stays so."""
CLOSED = frozenset({Status.REJECTED, Status.COMPLETED})
MAX_PENDING = 20
"""Of one user."""

Row = tuple[PoseRequest, bool]
"""A request, and whether the user who asks has voted for it."""


async def page(
    session: AsyncSession, user_id: str, status: Status | None, number: int, limit: int
) -> tuple[list[Row], int]:
    """Most voted first, then the newest; and how many there are in all."""
    wanted = [] if status is None else [PoseRequest.status == status]
    total = await session.scalar(select(func.count()).select_from(PoseRequest).where(*wanted))
    rows = await session.exec(
        select(PoseRequest, _voted(user_id))
        .where(*wanted)
        .order_by(
            col(PoseRequest.vote_count).desc(),
            col(PoseRequest.created_at).desc(),
            col(PoseRequest.id).desc(),
        )
        .offset((number - 1) * limit)
        .limit(limit)
    )
    return [(request, voted) for request, voted in rows], total or 0


async def require_room(session: AsyncSession, user_id: str, category_id: str | None) -> None:
    mine = (PoseRequest.user_id == user_id, PoseRequest.status == Status.PENDING)
    waiting = await session.scalar(select(func.count()).select_from(PoseRequest).where(*mine))
    if (waiting or 0) >= MAX_PENDING:
        raise Conflict(f"{MAX_PENDING} of your requests are still waiting. Wait until some are decided.")
    await pose_admin.require_category(session, category_id)


async def create(session: AsyncSession, user_id: str, values: dict[str, Any]) -> Row:
    """Whoever asks is for it."""
    await locks.user(session, user_id)
    await require_room(session, user_id, values.get("category_id"))
    await uploads.hold(session, values.get("reference_image_id"), user_id)
    request = PoseRequest(id=ids.pose_request_id(), user_id=user_id, vote_count=1, **values)
    session.add(request)
    await session.flush()
    session.add(PoseRequestVote(request_id=request.id, user_id=user_id))
    return request, True


async def vote(session: AsyncSession, request_id: str, user_id: str) -> Row:
    """Once more changes nothing. The lock makes votes take turns, so none is lost from the count."""
    request = await _locked(session, request_id)
    if await session.scalar(select(_voted(user_id)).where(PoseRequest.id == request_id)):
        return request, True
    if Status(request.status) in CLOSED:
        raise Conflict("This request is decided: votes change nothing any more.")
    connection = await session.connection()
    await connection.execute(
        insert(PoseRequestVote).values(request_id=request_id, user_id=user_id, created_at=now())
    )
    request.vote_count += 1
    return request, True


async def change(session: AsyncSession, request_id: str, user_id: str, values: dict[str, Any]) -> Row:
    """`user_id` is the admin's, for whom it is shown."""
    request = await _locked(session, request_id)
    before = Status(request.status)
    after = Status(values.get("status") or before)
    pose_id = values.get("completed_pose_id")
    if after is not before and after not in NEXT[before]:
        raise Conflict(f"A request that is {before} cannot become {after}.")
    if (after is Status.COMPLETED) != bool(pose_id or request.completed_pose_id):
        raise _fault("completedPoseId", "goes with the status completed, and completed needs it")
    if pose_id:
        await _require_pose(session, request, pose_id)
    request.status, request.completed_pose_id = after, pose_id or request.completed_pose_id
    if "admin_notes" in values:
        request.admin_notes = values["admin_notes"] or None
    voted = await session.scalar(select(_voted(user_id)).where(PoseRequest.id == request_id))
    return request, bool(voted)


async def _locked(session: AsyncSession, request_id: str) -> PoseRequest:
    found = await session.get(
        PoseRequest, request_id, with_for_update={"key_share": True}, populate_existing=True
    )
    if found is None:
        raise NotFound("There is no such pose request.")
    return found


async def _require_pose(session: AsyncSession, request: PoseRequest, pose_id: str) -> None:
    if request.completed_pose_id not in (None, pose_id):
        raise Conflict("This request is completed with another pose.")
    if pose_id not in await library.usable(session, [pose_id]):
        raise _fault("completedPoseId", "is not in the library")


def _voted(user_id: str) -> ColumnElement[bool]:
    return exists().where(
        col(PoseRequestVote.request_id) == col(PoseRequest.id), col(PoseRequestVote.user_id) == user_id
    )


def _fault(path: str, message: str) -> ValidationFailed:
    return ValidationFailed(f"{path}: {message}", details=[{"path": path, "in": "body", "message": message}])
