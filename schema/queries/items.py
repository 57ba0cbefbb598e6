"""The pictures of a generation, for their owner."""

from collections.abc import Sequence

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from schema.errors import NotFound
from schema.kinds import ItemStatus
from schema.tables import Generation, Item, PoseSelection


async def page(
    session: AsyncSession,
    generation_id: str,
    *,
    after_index: int | None,
    limit: int,
    status: ItemStatus | None,
) -> Sequence[Item]:
    """In order of their index; whose generation it is has been asked before."""
    query = select(Item).where(Item.generation_id == generation_id)
    if after_index is not None:
        query = query.where(Item.index > after_index)
    if status is not None:
        query = query.where(Item.status == status)
    return (await session.exec(query.order_by(col(Item.index)).limit(limit))).all()


async def all_of(session: AsyncSession, generation_id: str) -> Sequence[Item]:
    return (await session.exec(select(Item).where(Item.generation_id == generation_id))).all()


async def owned(session: AsyncSession, item_id: str, user_id: str) -> tuple[Item, Generation]:
    query = (
        select(Item, Generation)
        .join(Generation, col(Generation.id) == Item.generation_id)
        .where(Item.id == item_id, Generation.user_id == user_id)
    )
    found = (await session.exec(query)).one_or_none()
    if found is None:
        raise NotFound("There is no such picture.")
    return found


async def set_favorite(
    session: AsyncSession, item_id: str, user_id: str, *, is_favorite: bool
) -> tuple[Item, Generation]:
    item, generation = await owned(session, item_id, user_id)
    item.is_favorite = is_favorite
    return item, generation


async def pose_name(session: AsyncSession, item: Item) -> str:
    """As it was when the generation was paid for."""
    selection = await session.get_one(PoseSelection, (item.generation_id, item.position))
    return selection.name


async def pose_names(session: AsyncSession, generation_id: str) -> dict[int, str]:
    """By position."""
    query = select(PoseSelection.position, PoseSelection.name)
    return dict((await session.exec(query.where(PoseSelection.generation_id == generation_id))).all())


async def count_download(session: AsyncSession, item_id: str) -> int:
    """How often that makes."""
    counted = update(Item).where(col(Item.id) == item_id).values(download_count=col(Item.download_count) + 1)
    return await session.scalar(counted.returning(col(Item.download_count))) or 0
