"""Poses like a pose, by the shape of the figure.

Each process keeps all shapes in memory and reads them again after the library has changed. A table filled at
seeding would have to be kept right by every other way a pose can change, too.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel.ext.asyncio.session import AsyncSession

from imaging.outline import Outlines, distances, outlines
from schema.pose import Keypoints, keypoints_from
from schema.queries import library
from schema.tables import Pose


@dataclass(frozen=True)
class Shapes:
    version: library.Version
    pose_ids: Sequence[str]
    outlines: Outlines

    def nearest(self, pose_id: str, keypoints: Keypoints, limit: int) -> list[str]:
        """The most alike first, never the pose itself."""
        ranked = distances(outlines([keypoints])[0], self.outlines).argsort(kind="stable")
        others = (self.pose_ids[place] for place in ranked[: limit + 1])
        return [other for other in others if other != pose_id][:limit]


class RelatedPoses:
    def __init__(self) -> None:
        self._shapes: Shapes | None = None
        self._reading = asyncio.Lock()

    async def of(self, session: AsyncSession, pose_id: str, limit: int) -> list[Pose]:
        pose = await library.read(session, pose_id)
        shapes = await self._current(session)
        keypoints = keypoints_from(pose.keypoints)
        return await library.several(
            session, await asyncio.to_thread(shapes.nearest, pose_id, keypoints, limit)
        )

    async def _current(self, session: AsyncSession) -> Shapes:
        version = await library.version(session)
        async with self._reading:  # however many ask, one reads
            if self._shapes is None or self._shapes.version != version:
                self._shapes = await asyncio.to_thread(_shapes, version, await library.skeletons(session))
            return self._shapes


def _shapes(version: library.Version, skeletons: dict[str, Keypoints]) -> Shapes:
    return Shapes(version, list(skeletons), outlines(list(skeletons.values())))
