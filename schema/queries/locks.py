"""The one order in which rows that carry money are locked: user, generation, items. So nothing can deadlock.

The locks are those of an update that leaves keys alone: foreign keys that point here are checked meanwhile.
"""

from sqlmodel.ext.asyncio.session import AsyncSession

from schema.errors import NotFound
from schema.tables import Generation, User


async def user(session: AsyncSession, user_id: str) -> User:
    found = await session.get(User, user_id, with_for_update={"key_share": True}, populate_existing=True)
    if found is None:
        raise NotFound("There is no such user.")
    return found


async def generation(session: AsyncSession, generation_id: str) -> Generation:
    found = await session.get(
        Generation, generation_id, with_for_update={"key_share": True}, populate_existing=True
    )
    if found is None:
        raise NotFound("There is no such generation.")
    return found
