"""The OpenPose map of a pose that has none yet."""

from temporalio import activity

from adapters.maps import PoseMaps
from schema.database import Database
from schema.messages.pictures import PreparedMap, PrepareMap
from schema.pose import Keypoints
from schema.queries import planning


class ControlnetActivities:
    def __init__(self, database: Database, maps: PoseMaps) -> None:
        self._database = database
        self._maps = maps

    @activity.defn
    async def prepare_controlnet(self, call: PrepareMap) -> PreparedMap:
        keypoints = await self._keypoints(call)
        return PreparedMap(key=await self._maps.find(keypoints) or await self._maps.draw(keypoints))

    async def _keypoints(self, call: PrepareMap) -> Keypoints:
        async with self._database.transaction() as session:
            keypoints = await planning.keypoints_of(session, call.generation_id, call.position)
        if keypoints is None:
            raise LookupError(f"pose {call.position} of {call.generation_id} has no skeleton")
        return keypoints
