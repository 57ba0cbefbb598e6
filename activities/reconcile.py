"""A round of reconciling: what has lost its workflow, messages taken up again, what nobody needs swept away.

Ending generations and backgrounds is the business of the activities that always end them.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from temporalio import activity

from activities import lost
from activities.lost import Ask
from activities.webhooks import Start
from adapters.storage import ObjectInfo, Storage
from schema.database import Database
from schema.queries import leftovers, orphans
from schema.queries.webhooks import messages
from schema.reconciling import FindLost, Lost, LostPage, MessageEnd, SweepObjects, SweepRows, SweptObjects
from schema.tables.columns import now

PAGE: Final = 1000
DELETED_AT_ONCE: Final = 8


class ReconcileActivities:
    def __init__(self, database: Database, storage: Storage, ask: Ask, start: Start) -> None:
        self._database = database
        self._storage = storage
        self._ask = ask
        self._start = start

    @activity.defn
    async def find_lost(self, call: FindLost) -> LostPage:
        return await lost.find(self._database, self._ask, call)

    @activity.defn
    async def take_up_message(self, call: Lost) -> MessageEnd:
        async with self._database.transaction() as session:
            found = await messages.taken_up(session, call)
        if isinstance(found, MessageEnd):
            return found
        await self._start(found)
        return MessageEnd.RESTARTED

    @activity.defn
    async def sweep_objects(self, call: SweepObjects) -> SweptObjects:
        return await Sweep(self._database, self._storage, call).run()

    @activity.defn
    async def sweep_rows(self, call: SweepRows) -> dict[str, int]:
        async with self._database.transaction() as session:
            return await leftovers.sweep(session, call.most)


@dataclass
class _Count:
    seen: int = 0
    orphans: int = 0
    deleted: int = 0
    deleted_bytes: int = 0


class Sweep:
    """Of the objects behind a key: a page at a time, so a million need no more memory than a thousand."""

    def __init__(self, database: Database, storage: Storage, call: SweepObjects) -> None:
        self._database = database
        self._storage = storage
        self._call = call
        self._count = _Count()
        self._places = asyncio.Semaphore(DELETED_AT_ONCE)

    async def run(self) -> SweptObjects:
        page: list[ObjectInfo] = []
        async for info in self._storage.list("", after=self._call.after):
            page.append(info)
            if len(page) == min(PAGE, self._call.most - self._count.seen):
                await self._look_at(page)
                if self._count.seen >= self._call.most:
                    return SweptObjects(**vars(self._count), after=info.key)
                page = []
        await self._look_at(page)
        return SweptObjects(**vars(self._count))

    async def _look_at(self, page: Sequence[ObjectInfo]) -> None:
        """Marks what is first seen without a use; deletes what was marked a grace time ago and still is."""
        at = now()
        old = at - timedelta(seconds=self._call.grace_s)
        settled = {info.key: info for info in page if info.modified_at <= old}
        async with self._database.transaction() as session:
            unused = await orphans.among(session, settled)
            marks = await orphans.marks(session, [info.key for info in page])
            await orphans.forget(session, [key for key in marks if key not in unused])
            await orphans.mark(session, unused - marks.keys(), at)
        due = [settled[key] for key in sorted(unused & marks.keys()) if marks[key] <= old]
        gone = await asyncio.gather(*(self._delete(info) for info in due))
        async with self._database.transaction() as session:
            await orphans.forget(session, [info.key for info in due])
        self._count.seen += len(page)
        self._count.orphans += len(unused) - len(due)
        self._count.deleted += sum(gone)
        self._count.deleted_bytes += sum(info.size for info, went in zip(due, gone, strict=True) if went)

    async def _delete(self, listed: ObjectInfo) -> bool:
        """Not what has been written anew since it was listed: somebody is about to use it."""
        async with self._places:
            now_there = await self._storage.stat(listed.key)
            if now_there is None or now_there.modified_at != listed.modified_at:
                return False
            await self._storage.delete(listed.key)
            return True
