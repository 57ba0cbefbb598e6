"""The OpenPose map of a pose, rendered once per pose and size, found again by what it shows."""

import asyncio

from temporalio import activity

from adapters.storage import Storage
from imaging import openpose
from schema import keys
from schema.database import Database
from schema.messages.pictures import PreparedMap, PrepareMap
from schema.pose import Keypoints
from schema.queries import planning


class ControlnetActivities:
    def __init__(self, database: Database, storage: Storage, *, width: int, height: int) -> None:
        self._database = database
        self._storage = storage
        self._width, self._height = width, height

    @activity.defn
    async def prepare_controlnet(self, call: PrepareMap) -> PreparedMap:
        keypoints = await self._keypoints(call)
        key = keys.controlnet_map(keypoints, self._width, self._height)
        if await self._storage.stat(key) is None:
            drawn = await asyncio.to_thread(openpose.draw_map, keypoints, self._width, self._height)
            await self._storage.put(key, drawn)
        return PreparedMap(key=key)

    async def _keypoints(self, call: PrepareMap) -> Keypoints:
        async with self._database.transaction() as session:
            keypoints = await planning.keypoints_of(session, call.generation_id, call.position)
        if keypoints is None:
            raise LookupError(f"pose {call.position} of {call.generation_id} has no skeleton")
        return keypoints
