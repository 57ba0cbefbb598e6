"""Another background for a delivered picture: charged, made from the very first picture, or given back."""

import asyncio
from dataclasses import replace

from temporalio import activity

from activities.background import read_backdrop
from adapters.exporter import Exporter
from adapters.storage import Storage
from imaging import backgrounds
from imaging.checks import decode
from imaging.exports import thumbnail
from schema import keys
from schema.database import Database
from schema.messages import ApplyChange, ChangeOrder, ChangeReceipt, EndChange, ExportItem
from schema.pose import Keypoints
from schema.queries import background_changes, planning, wakeups
from schema.queries.background_changes import ExportsLeft, Remade
from schema.tables import Item


class ChangeCreditActivities:
    def __init__(self, database: Database) -> None:
        self._database = database

    @activity.defn
    async def charge_change(self, order: ChangeOrder) -> ChangeReceipt:
        async with self._database.transaction() as session:
            return await background_changes.charge(session, order)

    @activity.defn
    async def refund_change(self, call: EndChange) -> int:
        """Answers the credits given back."""
        async with self._database.transaction() as session:
            return await background_changes.refund(session, call)


class ChangeActivities:
    def __init__(self, database: Database, storage: Storage, exporter: Exporter) -> None:
        self._database = database
        self._storage = storage
        self._exporter = exporter

    @activity.defn
    async def apply_change(self, call: ApplyChange) -> bool:
        """Everything is stored before it is made known at once. False when it had been given back."""
        async with self._database.transaction() as session:
            item, wanted = await background_changes.subject(session, call.change_id)
            keypoints = await planning.keypoints_of(session, item.generation_id, item.position)
        image_key, thumbnail_key = keys.changed(item.generation_id, item.id, call.change_id)
        original = await self._storage.get(item.original_image_key or item.image_key or "")
        backdrop = await read_backdrop(self._storage, call.backdrop_key)
        picture, small = await asyncio.to_thread(_changed, original, keypoints, call.color, backdrop)
        await self._storage.put(image_key, picture)
        await self._storage.put(thumbnail_key, small)
        remade = Remade(image_key, thumbnail_key, exports={}, formats=frozenset())
        done = await self._complete(call, item, remade, wanted)
        await wakeups.notify(self._database, item.generation_id, call.user_id)
        return done

    async def _complete(self, call: ApplyChange, item: Item, remade: Remade, wanted: frozenset[str]) -> bool:
        """With every format that the picture has by then, since others may be made while these are."""
        if wanted:
            made = await self._exporter.store(_exports(item, remade.image_key, wanted))
            remade = replace(remade, exports=remade.exports | made.rows, formats=remade.formats | wanted)
        try:
            async with self._database.transaction() as session:
                return await background_changes.complete(session, call, remade)
        except ExportsLeft as left:
            return await self._complete(call, item, remade, left.formats)


def _exports(item: Item, image_key: str, wanted: frozenset[str]) -> ExportItem:
    return ExportItem(
        generation_id=item.generation_id,
        item_id=item.id,
        position=item.position,
        image_key=image_key,
        formats=tuple(sorted(wanted)),
    )


def _changed(
    original: bytes, keypoints: Keypoints | None, colour: str | None, backdrop: bytes | None
) -> tuple[bytes, bytes]:
    picture = backgrounds.changed(decode(original), keypoints, colour=colour, backdrop=backdrop)
    return picture, thumbnail(picture, keypoints)
