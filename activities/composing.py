"""The picture of a later change: made from the first one, and kept aside until it has been looked at."""

import asyncio
from dataclasses import dataclass

from temporalio import activity

from activities.background import read_backdrop
from activities.matting import cutter_by
from activities.objects import needed
from adapters.storage import ObjectMissing, Storage
from imaging import backgrounds
from imaging.backgrounds import Cutter
from imaging.checks import decode
from schema import keys
from schema.database import Database
from schema.messages.changes import ApplyChange
from schema.pose import Keypoints
from schema.queries import background_changes, planning
from schema.tables import Item


@dataclass(frozen=True)
class Subject:
    item: Item
    wanted: frozenset[str]
    """The formats it has."""
    keypoints: Keypoints | None


class Composer:
    def __init__(self, database: Database, storage: Storage, cutter: Cutter) -> None:
        self._database = database
        self._storage = storage
        self._cutter = cutter

    @activity.defn
    async def compose_change(self, call: ApplyChange) -> str:
        """Shown to nobody yet: answers where it is."""
        key = keys.composed(call.change_id)
        await self._storage.put(key, await self._composed(call, await self.subject(call)))
        return key

    async def subject(self, call: ApplyChange) -> Subject:
        async with self._database.transaction() as session:
            item, wanted = await background_changes.subject(session, call.change_id)
            keypoints = await planning.keypoints_of(session, item.generation_id, item.position)
        return Subject(item, wanted, keypoints)

    async def picture(self, call: ApplyChange, subject: Subject, image_key: str) -> bytes:
        """The one that was looked at, if one was; an attempt that died late has left it at `image_key`."""
        if call.composed_key is None:
            return await self._composed(call, subject)
        try:
            return await self._storage.get(call.composed_key)
        except ObjectMissing:
            return await needed(self._storage, image_key)

    async def _composed(self, call: ApplyChange, subject: Subject) -> bytes:
        first = await needed(self._storage, background_changes.first_picture(subject.item))
        original = await asyncio.to_thread(decode, first)
        backdrop = await read_backdrop(self._storage, call.backdrop_key)
        cutter = await cutter_by(self._storage, call.matte_key, self._cutter)
        return await asyncio.to_thread(
            backgrounds.changed, original, subject.keypoints, cutter, colour=call.color, backdrop=backdrop
        )
