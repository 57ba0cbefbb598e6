"""Backgrounds: what the provider makes is checked and kept once, and each figure is put before it."""

import asyncio

from temporalio import activity

from adapters.storage import ObjectMissing, Storage
from imaging import backgrounds
from imaging.checks import all_black, decode
from schema import keys
from schema.database import Database
from schema.errors import SENTENCES, BackgroundMissing, OutputModerated
from schema.messages import ChangeBackground, RawPicture, StoreBackdrop, StoredBackdrop
from schema.pose import Keypoints
from schema.queries import planning


class BackgroundActivities:
    def __init__(self, database: Database, storage: Storage, *, width: int, height: int) -> None:
        self._database = database
        self._storage = storage
        self._size = (width, height)

    @activity.defn
    async def store_backdrop(self, call: StoreBackdrop) -> StoredBackdrop:
        """Whole and not black, or another seed is tried."""
        key = keys.backdrop(call.subject_id, call.picture.extension)
        try:
            data = await self._storage.get(call.picture.key)
        except ObjectMissing:  # an earlier attempt died after the move
            return StoredBackdrop(key=key)
        await asyncio.to_thread(_require_picture, data, self._size)
        await self._storage.move(call.picture.key, key)
        return StoredBackdrop(key=key)

    @activity.defn
    async def change_background(self, call: ChangeBackground) -> RawPicture:
        """Leaves the picture as it was where it was, and the changed one beside it."""
        async with self._database.transaction() as session:
            keypoints = await planning.keypoints_of(session, call.generation_id, call.position)
        picture = await self._storage.get(call.picture.key)
        backdrop = await read_backdrop(self._storage, call.backdrop_key)
        changed = await asyncio.to_thread(_changed, picture, self._size, keypoints, call.color, backdrop)
        key = keys.recomposed(call.picture.key)
        await self._storage.put(key, changed)
        return call.picture.model_copy(update={"key": key, "extension": "png"})


async def read_backdrop(storage: Storage, key: str | None) -> bytes | None:
    try:
        return await storage.get(key) if key else None
    except ObjectMissing as error:
        raise BackgroundMissing(SENTENCES[BackgroundMissing.code]) from error


def _require_picture(data: bytes, size: tuple[int, int]) -> None:
    if all_black(decode(data, size)):
        raise OutputModerated(SENTENCES[OutputModerated.code])


def _changed(
    data: bytes,
    size: tuple[int, int],
    keypoints: Keypoints | None,
    colour: str | None,
    backdrop: bytes | None,
) -> bytes:
    """A picture that was withheld must not be made to look like one by a background."""
    picture = decode(data, size)
    if all_black(picture):
        raise OutputModerated(SENTENCES[OutputModerated.code])
    return backgrounds.changed(picture, keypoints, colour=colour, backdrop=backdrop)
