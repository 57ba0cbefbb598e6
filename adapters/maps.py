"""The OpenPose maps in storage: each drawn once per pose and size, and found again by what it shows."""

import asyncio

from adapters.storage import Storage
from imaging import openpose
from schema import keys
from schema.pose import Keypoints


class PoseMaps:
    def __init__(self, storage: Storage, *, width: int, height: int) -> None:
        self._storage = storage
        self._size = (width, height)

    async def find(self, keypoints: Keypoints) -> str | None:
        """Its key, where it has been drawn. Nothing ever removes one."""
        key = keys.controlnet_map(keypoints, *self._size)
        return key if await self._storage.stat(key) else None

    async def draw(self, keypoints: Keypoints) -> str:
        key = keys.controlnet_map(keypoints, *self._size)
        drawn = await asyncio.to_thread(openpose.draw_map, keypoints, *self._size)
        await self._storage.put(key, drawn)
        return key
