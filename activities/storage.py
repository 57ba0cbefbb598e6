"""The finished picture: checked, put in its place, and only then made known, so no row points at nothing."""

import asyncio

from PIL import Image
from temporalio import activity

from adapters.decoded import JustDecoded
from adapters.storage import ObjectMissing, Storage
from imaging.checks import all_black, decode
from imaging.exports import thumbnail
from schema import keys
from schema.database import Database
from schema.errors import OutputModerated
from schema.messages.pictures import StoredItem, StoreItem
from schema.pose import Keypoints
from schema.queries import delivery, planning, wakeups


class StorageActivities:
    def __init__(
        self,
        database: Database,
        storage: Storage,
        decoded: JustDecoded,
        *,
        width: int,
        height: int,
        controlnet_scale: float,
    ) -> None:
        self._database = database
        self._storage = storage
        self._decoded = decoded
        self._size = (width, height)
        self._controlnet_scale = controlnet_scale

    @activity.defn
    async def store_item(self, call: StoreItem) -> StoredItem:
        image_key = keys.picture(call.generation_id, call.item_id, call.picture.extension)
        thumbnail_key = keys.thumbnail(call.generation_id, call.item_id)
        await self._storage.put(thumbnail_key, await self._checked(call, image_key))
        original_key = await self._keep_original(call)
        await self._storage.move(call.picture.key, image_key)
        if not call.picture.guided:
            call = call.model_copy(update={"map_key": None})
        async with self._database.transaction() as session:
            weight = self._controlnet_scale if call.map_key else None
            delivered = await delivery.deliver(
                session, call, image_key, thumbnail_key, weight, original_key=original_key
            )
        if not delivered:
            await self._forget(image_key, thumbnail_key, *filter(None, [original_key]))
        await wakeups.notify(self._database, call.generation_id, call.user_id)
        return StoredItem(image_key=image_key, superseded=not delivered)

    async def _raw(self, staged_key: str, image_key: str) -> bytes:
        """An attempt that died after the move has left the picture in its final place."""
        try:
            return await self._storage.get(staged_key)
        except ObjectMissing:
            return await self._storage.get(image_key)

    async def _keep_original(self, call: StoreItem) -> str | None:
        if call.before is None:
            return None
        key = keys.original(call.generation_id, call.item_id, call.before.extension)
        await self._storage.move(call.before.key, key)
        return key

    async def _checked(self, call: StoreItem, image_key: str) -> bytes:
        """Its thumbnail. The picture itself is large: whoever waits with it keeps others from theirs."""
        async with self._database.transaction() as session:
            keypoints = await planning.keypoints_of(session, call.generation_id, call.position)
        data = await self._raw(call.picture.key, image_key)
        picture, thumbnail = await asyncio.to_thread(_check, data, self._size, keypoints)
        if call.exports_follow:
            self._decoded.keep(image_key, picture)
        return thumbnail

    async def _forget(self, *object_keys: str) -> None:
        for key in object_keys:
            await self._storage.delete(key)


def _check(data: bytes, size: tuple[int, int], keypoints: Keypoints | None) -> tuple[Image.Image, bytes]:
    """Decode once: what cannot be decoded or shows nothing is not delivered."""
    picture = decode(data, size)
    if all_black(picture):
        raise OutputModerated("The picture was withheld by the image service's content filter.")
    return picture, thumbnail(picture, keypoints)
