"""A delivery that is the first word on its item, in one statement: lock, fate and count.

Every picture waits for it, and step by step it took twice as long.
"""

from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from schema.kinds import GenerationStatus
from schema.tables import Generation, Item

_ITEMS: Final = SQLModel.metadata.tables[str(Item.__tablename__)]
_GENERATIONS: Final = SQLModel.metadata.tables[str(Generation.__tablename__)]


def _said(column: sa.Column[object]) -> str:
    """SQLAlchemy keeps the names of columns for itself."""
    return f"its_{column.name}"


_LOCKED: Final = (
    sa.select(_GENERATIONS.c.id)
    .where(_GENERATIONS.c.id == sa.bindparam(_said(_ITEMS.c.generation_id)))
    .with_for_update(key_share=True)
    .cte("locked")
)
_ROW: Final = sa.select(*(sa.bindparam(_said(column), type_=column.type) for column in _ITEMS.c))
_WRITTEN: Final = (
    insert(_ITEMS)
    .from_select(_ITEMS.c.keys(), _ROW.select_from(_LOCKED))
    .on_conflict_do_nothing()
    .returning(_ITEMS.c.generation_id)
    .cte("written")
)
_DELIVER: Final = (
    sa.update(_GENERATIONS)
    .where(_GENERATIONS.c.id == _WRITTEN.c.generation_id)
    .values(
        poses_completed=_GENERATIONS.c.poses_completed + 1,
        status=sa.case(
            (_GENERATIONS.c.status == GenerationStatus.PENDING, GenerationStatus.PROCESSING),
            else_=_GENERATIONS.c.status,
        ),
    )
    .returning(_GENERATIONS.c.id)
)


async def delivered(session: AsyncSession, item: Item) -> bool:
    """False, and nothing changed, when its fate was decided before, or there is no such generation."""
    values = {_said(column): getattr(item, column.name) for column in _ITEMS.c}
    return await session.scalar(_DELIVER, values) is not None
