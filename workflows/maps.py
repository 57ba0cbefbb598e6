"""One map a pose, shared by its variations. What is not drawn yet is asked for before it is needed."""

import asyncio

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from schema.messages.orders import PlannedPose
    from schema.messages.pictures import PrepareMap
    from workflows import steps


class Maps:
    def __init__(self, generation_id: str) -> None:
        self._generation_id = generation_id
        self._keys: dict[int, asyncio.Task[str]] = {}

    def want(self, pose: PlannedPose) -> None:
        if pose.guided and not pose.map_key and pose.position not in self._keys:
            self._keys[pose.position] = asyncio.create_task(self._prepare(pose))

    async def of(self, pose: PlannedPose) -> str | None:
        if pose.map_key:
            return pose.map_key
        self.want(pose)
        return await asyncio.shield(self._keys[pose.position]) if pose.guided else None

    async def close(self) -> None:
        """Maps that nobody waits for any more are not worth an answer."""
        for task in self._keys.values():
            task.cancel()
        await asyncio.gather(*self._keys.values(), return_exceptions=True)

    async def _prepare(self, pose: PlannedPose) -> str:
        call = PrepareMap(generation_id=self._generation_id, position=pose.position)
        return (await steps.prepare_controlnet(call, f"map of {pose.label}")).key
