"""Which pixels are the figure's, asked of the provider: paid for once a picture, and kept."""

import asyncio

from temporalio import activity

from activities.paid import paid
from adapters.providers import MatteRequest
from adapters.providers.calls import PictureCalls
from adapters.storage import Storage
from imaging.checks import open_header
from imaging.matting import given
from schema import keys
from schema.messages import Matte, MatteImage


class MattingActivities:
    def __init__(self, calls: PictureCalls[MatteRequest] | None, storage: Storage) -> None:
        """Without calls nothing is asked, and the figure is cut out where the background is changed."""
        self._calls = calls
        self._storage = storage

    @activity.defn
    async def matte_image(self, call: MatteImage) -> Matte:
        if self._calls is None:
            return Matte(key=None)
        picture = await self._storage.get(call.picture_key)
        key = keys.matte(picture)
        if await self._storage.stat(key) is None:
            header = open_header(picture)
            answer = await paid(self._calls, MatteRequest(picture, header.media_type))
            size = header.width, header.height
            share = await asyncio.to_thread(given.share_of, answer.data, size)
            await self._storage.put(key, share)
        return Matte(key=key)
