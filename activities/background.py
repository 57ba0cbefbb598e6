"""Backgrounds: what the provider makes is checked and kept once, and each figure is put before it."""

import asyncio

from PIL import Image
from temporalio import activity

from activities.matting import cutter_by
from activities.objects import needed
from adapters.storage import ObjectMissing, Storage
from imaging import backgrounds
from imaging.backgrounds import Cutter
from imaging.checks import all_black, decode
from schema import keys
from schema.database import Database
from schema.errors import SENTENCES, BackgroundMissing, OutputModerated
from schema.messages.pictures import ChangeBackground, RawPicture, StoreBackdrop, StoredBackdrop
from schema.queries import planning


class BackgroundActivities:
    def __init__(
        self, database: Database, storage: Storage, cutter: Cutter, *, width: int, height: int
    ) -> None:
        self._database = database
        self._storage = storage
        self._cutter = cutter
        self._size = (width, height)

    @activity.defn
    async def store_backdrop(self, call: StoreBackdrop) -> StoredBackdrop:
        """Whole and not black, or another seed is tried."""
        key = keys.backdrop(call.subject_id, call.picture.extension)
        try:
            data = await self._storage.get(call.picture.key)
        except ObjectMissing:  # an earlier attempt died after the move
            return StoredBackdrop(key=key)
        await asyncio.to_thread(_shown, data, self._size)
        await self._storage.move(call.picture.key, key)
        return StoredBackdrop(key=key)

    @activity.defn
    async def change_background(self, call: ChangeBackground) -> RawPicture:
        """Leaves the picture as it was where it was, and the changed one beside it."""
        async with self._database.transaction() as session:
            keypoints = await planning.keypoints_of(session, call.generation_id, call.position)
        data = await self._storage.get(call.picture.key)
        picture = await asyncio.to_thread(_shown, data, self._size)
        backdrop = await read_backdrop(self._storage, call.backdrop_key)
        cutter = await cutter_by(self._storage, call.matte_key, self._cutter)
        changed = await asyncio.to_thread(
            backgrounds.changed, picture, keypoints, cutter, colour=call.color, backdrop=backdrop
        )
        key = keys.recomposed(call.picture.key)
        await self._storage.put(key, changed)
        return call.picture.model_copy(update={"key": key, "extension": "png"})


async def read_backdrop(storage: Storage, key: str | None) -> bytes | None:
    return await needed(storage, key, BackgroundMissing) if key else None


def _shown(data: bytes, size: tuple[int, int]) -> Image.Image:
    """A picture that was withheld must not be made to look like one by a background."""
    picture = decode(data, size)
    if all_black(picture):
        raise OutputModerated(SENTENCES[OutputModerated.code])
    return picture
