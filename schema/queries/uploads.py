"""Pictures that users have handed in. Every query names the owner."""

from collections.abc import Sequence

from sqlalchemy import exists, func, or_, text, tuple_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from schema.cursors import Place
from schema.errors import Conflict, NotFound
from schema.kinds import UploadPurpose
from schema.queries import locks
from schema.tables import Avatar, BackgroundChange, Generation, PoseRequest, Project, Upload

MAX_KEPT = 200
MAX_KEPT_BYTES = 500 * 2**20
"""Of one user."""


async def owned(session: AsyncSession, upload_id: str, user_id: str, *, lock: bool = False) -> Upload:
    """With the lock it is not deleted before the transaction ends: for those who write that they use it."""
    query = select(Upload).where(Upload.id == upload_id, Upload.user_id == user_id)
    query = query.with_for_update(read=True, key_share=True) if lock else query
    found = (await session.exec(query)).one_or_none()
    if found is None:
        raise NotFound("There is no such upload.")
    return found


async def hold(session: AsyncSession, upload_id: str | None, user_id: str) -> None:
    """For whoever is about to write that it uses an upload, if any."""
    if upload_id is not None:
        await owned(session, upload_id, user_id, lock=True)


async def page(
    session: AsyncSession, user_id: str, purpose: UploadPurpose | None, *, after: Place | None, limit: int
) -> Sequence[Upload]:
    """Newest first."""
    query = select(Upload).where(Upload.user_id == user_id)
    if purpose is not None:
        query = query.where(Upload.purpose == purpose)
    if after is not None:
        query = query.where(tuple_(col(Upload.created_at), col(Upload.id)) < after)
    newest_first = (col(Upload.created_at).desc(), col(Upload.id).desc())
    return (await session.exec(query.order_by(*newest_first).limit(limit))).all()


async def known(session: AsyncSession, user_id: str, purpose: UploadPurpose, sha256: str) -> Upload | None:
    query = select(Upload).where(
        Upload.user_id == user_id, Upload.purpose == purpose, Upload.sha256 == sha256
    )
    return (await session.exec(query)).one_or_none()


async def require_room(session: AsyncSession, user_id: str) -> None:
    of_user = select(func.count(), func.coalesce(func.sum(Upload.size_bytes), 0))
    kept, kept_bytes = (await session.exec(of_user.where(Upload.user_id == user_id))).one()
    if kept >= MAX_KEPT or kept_bytes >= MAX_KEPT_BYTES:
        limit = f"{MAX_KEPT} uploads or {MAX_KEPT_BYTES // 2**20} MiB"
        raise Conflict(f"You keep as much as one user may: {limit}. Delete some uploads first.")


async def create(session: AsyncSession, upload: Upload) -> Upload:
    """The one there is already, when the same bytes were handed in twice at once."""
    await locks.user(session, upload.user_id)
    there = await known(session, upload.user_id, UploadPurpose(upload.purpose), upload.sha256)
    if there is not None:
        return there
    await require_room(session, upload.user_id)
    session.add(upload)
    return upload


async def delete(session: AsyncSession, upload_id: str, user_id: str) -> str:
    """Answers the key of its picture. Whoever uses it holds on to the row, or has let go of it."""
    await locks.user(session, user_id)
    query = select(Upload).where(Upload.id == upload_id, Upload.user_id == user_id).with_for_update()
    upload = (await session.exec(query)).one_or_none()
    if upload is None:
        raise NotFound("There is no such upload.")
    if await _is_in_use(session, upload):
        raise Conflict("This upload is in use. Delete what uses it first, or give that another picture.")
    await session.delete(upload)
    return upload.key


async def _is_in_use(session: AsyncSession, upload: Upload) -> bool:
    """A generation or a change of a background that is finished needs it no more."""
    of_running = (
        col(Generation.user_id) == upload.user_id,
        col(Generation.settled_at).is_(None),
        or_(
            col(Generation.avatar_image_id) == upload.id,
            col(Generation.background)["image"].astext == upload.id,
        ),
    )
    of_change = (
        col(BackgroundChange.user_id) == upload.user_id,
        text("background_changes.status = 'pending'"),  # as written in the index of those
        col(BackgroundChange.background)["image"].astext == upload.id,
    )
    uses = (
        exists().where(col(Avatar.image_id) == upload.id),
        exists().where(col(Project.avatar_image_id) == upload.id),
        exists().where(col(PoseRequest.reference_image_id) == upload.id),
        exists().where(*of_running),
        exists().where(*of_change),
    )
    return bool(await session.scalar(select(or_(*uses))))
