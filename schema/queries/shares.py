"""Public links: whoever holds one sees its pictures until it expires or is revoked, and nothing else."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import delete, func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from schema import ids
from schema.errors import Conflict, NotFound, ValidationFailed
from schema.kinds import ItemStatus
from schema.queries import generations, locks
from schema.tables import Item, Share
from schema.tables.columns import now

TOKEN_BYTES = 24
MOST_OF_A_GENERATION = 50


async def create(
    session: AsyncSession,
    generation_id: str,
    user_id: str,
    *,
    item_ids: Sequence[str] | None,
    lifetime: timedelta,
    allow_download: bool,
) -> tuple[Share, str]:
    """The link's row, and the token that only this answer tells."""
    await generations.owned(session, generation_id, user_id)
    await locks.generation(session, generation_id)
    await _require_room(session, generation_id)
    token, at = secrets.token_urlsafe(TOKEN_BYTES), now()
    share = Share(
        id=ids.share_id(),
        generation_id=generation_id,
        token_hash=_hash(token),
        item_ids=await _delivered(session, generation_id, item_ids),
        allow_download=allow_download,
        expires_at=at + lifetime,
        created_at=at,
    )
    session.add(share)
    await session.flush()
    return share, token


async def _require_room(session: AsyncSession, generation_id: str) -> None:
    """Expired ones make room."""
    of_generation = col(Share.generation_id) == generation_id
    await session.exec(delete(Share).where(of_generation, col(Share.expires_at) <= now()))
    if (await session.exec(select(func.count()).where(of_generation))).one() >= MOST_OF_A_GENERATION:
        raise Conflict(f"There are {MOST_OF_A_GENERATION} links to this generation. Revoke some first.")


async def _delivered(session: AsyncSession, generation_id: str, item_ids: Sequence[str] | None) -> list[str]:
    query = select(Item.id).where(Item.generation_id == generation_id, Item.status == ItemStatus.COMPLETED)
    delivered = (await session.exec(query.order_by(col(Item.index)))).all()
    if not delivered:
        raise Conflict("None of its pictures has been delivered yet, so there is nothing to share.")
    if item_ids is None:
        return list(delivered)
    strange = [n for n, item_id in enumerate(item_ids) if item_id not in set(delivered)]
    if strange:
        message = "is no delivered picture of this generation"
        details = [{"path": f"itemIds.{n}", "in": "body", "message": message} for n in strange]
        raise ValidationFailed(f"itemIds.{strange[0]}: {message}", details=details)
    return [item_id for item_id in delivered if item_id in set(item_ids)]


async def listed(session: AsyncSession, generation_id: str, user_id: str) -> Sequence[Share]:
    """Those that still work, newest first."""
    await generations.owned(session, generation_id, user_id)
    query = select(Share).where(Share.generation_id == generation_id, Share.expires_at > now())
    return (await session.exec(query.order_by(col(Share.id).desc()))).all()


async def revoke(session: AsyncSession, generation_id: str, user_id: str, share_id: str) -> None:
    await generations.owned(session, generation_id, user_id)
    gone = delete(Share).where(col(Share.id) == share_id, col(Share.generation_id) == generation_id)
    if await session.scalar(gone.returning(col(Share.id))) is None:
        raise NotFound("There is no such link.")


async def revoke_all(session: AsyncSession, generation_id: str, user_id: str) -> None:
    await generations.owned(session, generation_id, user_id)
    await session.exec(delete(Share).where(col(Share.generation_id) == generation_id))


async def opened(session: AsyncSession, token: str) -> tuple[Share, Sequence[Item]]:
    """One answer to a link that never was, has expired, or was revoked."""
    query = select(Share).where(Share.token_hash == _hash(token), Share.expires_at > now())
    share = (await session.exec(query)).one_or_none()
    if share is None:
        raise NotFound("This link does not work. It may have expired.")
    shown = select(Item).where(col(Item.id).in_(share.item_ids)).order_by(col(Item.index))
    return share, (await session.exec(shown)).all()


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
