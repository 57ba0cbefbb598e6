"""What waits for a workflow that is over or was never there: the books say what waits, Temporal what runs."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Final

from schema.database import Database
from schema.queries import lost
from schema.queries.lost import Open
from schema.reconciling import Fate, FindLost, Lost, LostPage
from schema.tables.columns import now

AT_ONCE: Final = 10

Ask = Callable[[str], Awaitable[Fate]]
"""Of Temporal, by the workflow's id."""


async def find(database: Database, ask: Ask, call: FindLost) -> LostPage:
    """Read, ask, and read again: what ended by itself in between has ended before its workflow did."""
    before = now() - timedelta(seconds=call.grace_s)
    async with database.transaction() as session:
        page = await lost.page(session, call.kind, before, call.after)
    fates = await _fates(ask, page)
    over = [row_id for row_id, fate in fates.items() if fate is not Fate.RUNNING]
    async with database.transaction() as session:
        still = await lost.still(session, call.kind, before, over) if over else []
    return LostPage(
        lost=tuple(Lost(kind=call.kind, id=row.id, user_id=row.user_id, fate=fates[row.id]) for row in still),
        asked=len(page),
        after=page[-1].id if len(page) == lost.PAGE else None,
    )


async def _fates(ask: Ask, rows: Sequence[Open]) -> dict[str, Fate]:
    places = asyncio.Semaphore(AT_ONCE)

    async def one(row: Open) -> Fate:
        async with places:
            return await ask(row.id)

    return dict(zip([row.id for row in rows], await asyncio.gather(*map(one, rows)), strict=True))
