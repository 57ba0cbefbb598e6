"""One key, one generation: however often and from wherever a request is repeated."""

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from schema.errors import IdempotencyMismatch
from schema.tables import Generation, IdempotencyKey
from schema.tables.columns import now


async def find(session: AsyncSession, user_id: str, key: str, request_hash: str) -> str | None:
    """The generation this key stands for, if any; a key used for another request is refused."""
    known = await session.get(IdempotencyKey, (user_id, key), populate_existing=True)
    if known is None:
        return None
    if known.request_hash != request_hash:
        raise IdempotencyMismatch("This Idempotency-Key was used for another request. Use a new key.")
    return known.generation_id


async def claim(session: AsyncSession, user_id: str, key: str, request_hash: str, generation_id: str) -> str:
    """The generation the key stands for from now on: ours, or that of whoever was first."""
    values = {"user_id": user_id, "key": key, "request_hash": request_hash, "generation_id": generation_id}
    await session.exec(insert(IdempotencyKey).values(**values, created_at=now()).on_conflict_do_nothing())
    return await find(session, user_id, key, request_hash) or generation_id


async def begun(session: AsyncSession, generation_id: str, user_id: str) -> Generation | None:
    query = select(Generation).where(Generation.id == generation_id, Generation.user_id == user_id)
    return (await session.exec(query)).one_or_none()
