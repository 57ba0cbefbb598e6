"""From what was paid for to what is to be made: each pose with its words."""

import asyncio

from temporalio import activity

from adapters.maps import PoseMaps
from adapters.providers import Capabilities, prompt
from imaging import pose_words
from schema import keys
from schema.database import Database
from schema.errors import StorageUnavailable
from schema.kinds import GenerationStatus, GenerationType
from schema.messages.orders import GenerationInput, Plan, PlannedPose, Treatment
from schema.pose import Keypoints, keypoints_from
from schema.queries import matching, planning, wakeups
from schema.tables import PoseSelection

MAPS_WITHIN_S = 2


class PlanActivities:
    def __init__(
        self, database: Database, maps: PoseMaps, provider: Capabilities, treatment: Treatment
    ) -> None:
        self._database = database
        self._maps = maps
        self._provider = provider
        self._treatment = treatment

    @activity.defn
    async def plan(self, order: GenerationInput) -> Plan:
        async with self._database.transaction() as session:
            if order.generation_type is GenerationType.TEXT_DESCRIPTION:
                await matching.choose_pose(session, order.generation_id, order.text_prompt or "")
            selections = await planning.selections(session, order.generation_id)
            avatar = await planning.avatar_traits(session, order.avatar_id)
            if order.carried is None:
                await planning.note_status(session, order.generation_id, GenerationStatus.PROCESSING)
        await wakeups.notify(self._database, order.generation_id, order.user_id)
        return Plan(
            poses=tuple(self._planned(order, selections, avatar, await self._drawn(selections))),
            reference_key=self._reference_key(order),
            treatment=self._treatment,
        )

    def _reference_key(self, order: GenerationInput) -> str | None:
        """Its upload cannot be deleted while the generation runs."""
        if order.avatar_image_id is None or not self._provider.reference_image:
            return None
        return keys.upload(order.user_id, order.avatar_image_id)

    async def _drawn(self, selections: list[PoseSelection]) -> list[str | None]:
        """For each its map where it is there already, as it mostly is: then no step has to prepare it.

        A storage in trouble keeps no plan waiting; those steps outwait it.
        """
        try:
            async with asyncio.timeout(MAPS_WITHIN_S):
                return await asyncio.gather(*(self._map_of(selection) for selection in selections))
        except (StorageUnavailable, TimeoutError):
            return [None] * len(selections)

    async def _map_of(self, selection: PoseSelection) -> str | None:
        guide = self._guide(selection)
        return await self._maps.find(guide) if guide else None

    def _guide(self, selection: PoseSelection) -> Keypoints | None:
        if selection.keypoints is None or not self._provider.pose_map:
            return None
        return keypoints_from(selection.keypoints)

    def _planned(
        self,
        order: GenerationInput,
        selections: list[PoseSelection],
        avatar: dict[str, str | None],
        map_keys: list[str | None],
    ) -> list[PlannedPose]:
        planned: list[PlannedPose] = []
        for selection, map_key in zip(selections, map_keys, strict=True):
            guided = self._guide(selection) is not None
            words = "" if guided else _seen(selection)
            planned.append(
                PlannedPose(
                    position=selection.position,
                    pose_id=selection.pose_id,
                    label=selection.name,
                    prompt=prompt.build(selection.description, order.prompt, avatar, seen=words),
                    negative_prompt=prompt.NEGATIVE,
                    first_index=sum(pose.variations for pose in planned),
                    variations=selection.variations,
                    guided=guided,
                    map_key=map_key,
                )
            )
        return planned


def _seen(selection: PoseSelection) -> str:
    return pose_words.words(keypoints_from(selection.keypoints)) if selection.keypoints else ""
