"""The library's pictures in storage: drawn once for each pose, when somebody first asks or when seeding."""

import asyncio

from adapters.storage import Storage
from imaging import portrait
from schema import keys
from schema.pose import Keypoints


class Gallery:
    def __init__(self, storage: Storage, *, width: int, height: int) -> None:
        self._storage = storage
        self._width, self._height = width, height
        self._drawing = asyncio.Semaphore(2)
        """A page of pictures asked for at once must not take the machine from everybody else."""

    def keys_of(self, keypoints: Keypoints) -> dict[str, str]:
        """By kind: reference, preview, thumbnail, controlnet. Known before anything is drawn."""
        drawn = {kind: keys.library_picture(kind, keypoints, side) for kind, side in portrait.SIDES.items()}
        return drawn | {"controlnet": keys.controlnet_map(keypoints, self._width, self._height)}

    async def has(self, key: str) -> bool:
        return await self._storage.stat(key) is not None

    async def is_hung(self, keypoints: Keypoints) -> bool:
        return await self.has(self.keys_of(keypoints)["thumbnail"])

    async def hang(self, keypoints: Keypoints) -> None:
        """The thumbnail comes last: where it is, the others are."""
        where = self.keys_of(keypoints)
        async with self._drawing:
            if await self.is_hung(keypoints):
                return
            drawn = await asyncio.to_thread(portrait.pictures, keypoints, self._width, self._height)
        for kind in sorted(drawn, key=lambda kind: kind == "thumbnail"):
            await self._storage.put(where[kind], drawn[kind])
