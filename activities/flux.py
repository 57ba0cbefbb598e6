"""The provider call: one picture, into staging. A retry resumes the running request, paying nothing twice."""

import asyncio
import time

from temporalio import activity

from activities.objects import needed
from activities.paid import paid
from adapters.providers import Picture, PictureRequest
from adapters.providers.calls import PaidCalls
from adapters.storage import Storage
from imaging.checks import open_header
from schema import keys
from schema.errors import StorageUnavailable
from schema.messages.pictures import GenerateImage, RawPicture

STORAGE_PAUSES_S = (1, 2, 4, 8, 15, 30, 60, 60, 60, 60)


class FluxActivities:
    def __init__(
        self, calls: PaidCalls[PictureRequest, Picture], storage: Storage, *, width: int, height: int
    ) -> None:
        self._calls = calls
        self._storage = storage
        self._width, self._height = width, height

    @activity.defn
    async def generate_image(self, call: GenerateImage) -> RawPicture:
        started = time.monotonic()
        request = await self._request(call)
        picture = await paid(self._calls, request)
        header = open_header(picture.data)
        key = keys.staged(call.generation_id, call.item_id, call.seed)
        await self._stage(key, picture.data)
        return RawPicture(
            key=key,
            extension=keys.EXTENSIONS[header.media_type],
            seed=call.seed,
            provider=self._calls.provider.name,
            model=self._calls.provider.model,
            duration_ms=round(1000 * (time.monotonic() - started)),
            attempt=activity.info().attempt,
            guided=request.pose_map is not None,
        )

    async def _stage(self, key: str, data: bytes) -> None:
        """What a blocking provider answered exists only here, so it outwaits a storage that is away."""
        for pause_s in () if self._calls.provider.capabilities.resumable else STORAGE_PAUSES_S:
            try:
                return await self._storage.put(key, data)
            except StorageUnavailable:
                await asyncio.sleep(pause_s)
        return await self._storage.put(key, data)

    async def _request(self, call: GenerateImage) -> PictureRequest:
        able = self._calls.provider.capabilities
        guided = call.map_key if able.pose_map else None
        shown = call.reference_key if able.reference_image else None
        return PictureRequest(
            prompt=call.prompt,
            negative_prompt=call.negative_prompt,
            seed=call.seed,
            key=f"{call.item_id}-{call.seed}",
            width=self._width,
            height=self._height,
            pose_map=await self._read(guided),
            reference=await self._read(shown),
        )

    async def _read(self, key: str | None) -> bytes | None:
        return await needed(self._storage, key) if key else None
