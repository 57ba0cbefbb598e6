"""Another background for a delivered picture: charged, made from the very first picture, or given back."""

import asyncio
from dataclasses import replace

from temporalio import activity

from activities.composing import Composer
from adapters.exporter import Exporter
from adapters.storage import Storage
from imaging.checks import decode
from imaging.exports import thumbnail
from schema import keys
from schema.database import Database
from schema.messages.changes import ApplyChange, ChangeOrder, ChangeReceipt, EndChange
from schema.messages.orders import Treatment
from schema.messages.pictures import ExportItem
from schema.pose import Keypoints
from schema.queries import background_changes, wakeups
from schema.queries.background_changes import ExportsLeft, Remade
from schema.tables import Item


class ChangeCreditActivities:
    def __init__(self, database: Database, treatment: Treatment) -> None:
        self._database = database
        self._treatment = treatment

    @activity.defn
    async def charge_change(self, order: ChangeOrder) -> ChangeReceipt:
        async with self._database.transaction() as session:
            receipt = await background_changes.charge(session, order)
        return receipt.model_copy(update={"treatment": self._treatment})

    @activity.defn
    async def refund_change(self, call: EndChange) -> int:
        """Answers the credits given back."""
        async with self._database.transaction() as session:
            return await background_changes.refund(session, call)


class ChangeActivities:
    def __init__(self, database: Database, storage: Storage, exporter: Exporter, composer: Composer) -> None:
        self._database = database
        self._storage = storage
        self._exporter = exporter
        self._composer = composer

    @activity.defn
    async def apply_change(self, call: ApplyChange) -> bool:
        """Everything is stored before it is made known at once. False when it had been given back."""
        subject = await self._composer.subject(call)
        item = subject.item
        image_key, thumbnail_key = keys.changed(item.generation_id, item.id, call.change_id)
        picture = await self._composer.picture(call, subject, image_key)
        await self._storage.put(image_key, picture)
        small = await asyncio.to_thread(_thumbnail, picture, subject.keypoints)
        await self._storage.put(thumbnail_key, small)
        remade = Remade(image_key, thumbnail_key, exports={}, formats=frozenset())
        done = await self._complete(call, item, remade, subject.wanted)
        if call.composed_key:
            await self._storage.delete(call.composed_key)
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


def _thumbnail(picture: bytes, keypoints: Keypoints | None) -> bytes:
    return thumbnail(decode(picture), keypoints)
