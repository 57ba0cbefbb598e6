"""Users as the token and the operator make them known."""

from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from schema.errors import NotFound
from schema.kinds import Role
from schema.queries import ledger, locks
from schema.tables import User
from schema.tables.columns import now


async def ensure(session: AsyncSession, user_id: str, role: Role, signup_credits: int) -> User:
    """Creates the user at first sight, with the signup credits; keeps the role in step with the token."""
    known = await session.get(User, user_id)
    if known is None:
        known = await _create(session, user_id, role, signup_credits)
    if known.role != role:
        known.role = role
    return known


async def _create(session: AsyncSession, user_id: str, role: Role, signup_credits: int) -> User:
    new = await session.scalar(
        insert(User)
        .values(id=user_id, role=role, created_at=now())
        .on_conflict_do_nothing()
        .returning(col(User.id))
    )
    if new and signup_credits:
        await ledger.grant(session, user_id, signup_credits, f"signup:{user_id}", "Signup credits")
    return await read(session, user_id)


async def read(session: AsyncSession, user_id: str) -> User:
    user = await session.get(User, user_id, populate_existing=True)
    if user is None:
        raise NotFound("There is no such user.")
    return user


async def set_unlimited(
    session: AsyncSession,
    user_id: str,
    *,
    active: bool,
    daily_quota_items: int = 100,
    expires_at: datetime | None = None,
) -> User:
    """What the current window has used stays used."""
    user = await locks.user(session, user_id)
    user.unlimited_pose_active = active
    user.unlimited_daily_quota_items = daily_quota_items
    user.unlimited_expires_at = expires_at
    return user
