"""Which pixels are the figure's: asked of the provider, paid for once a picture and kept, or found here."""

import asyncio

from PIL import Image
from temporalio import activity

from activities.objects import needed
from activities.paid import paid
from adapters.providers import Picture, ShownPicture
from adapters.providers.calls import PaidCalls
from adapters.storage import Storage
from imaging.backgrounds import Cutter
from imaging.checks import open_header
from imaging.matting import given
from schema import keys
from schema.messages.pictures import Matte, MatteImage
from schema.pose import Keypoints


class MattingActivities:
    def __init__(self, calls: PaidCalls[ShownPicture, Picture] | None, storage: Storage) -> None:
        """Without calls nothing is asked, and the figure is cut out where the background is changed."""
        self._calls = calls
        self._storage = storage

    @activity.defn
    async def matte_image(self, call: MatteImage) -> Matte:
        if self._calls is None:
            return Matte(key=None)
        picture = await needed(self._storage, call.picture_key)
        key = keys.matte(call.picture_key, picture)
        if await self._storage.stat(key) is None:
            header = open_header(picture)
            answer = await paid(self._calls, ShownPicture(picture, header.media_type))
            size = header.width, header.height
            share = await asyncio.to_thread(given.share_of, answer.data, size)
            await self._storage.put(key, share)
        return Matte(key=key)


async def cutter_by(storage: Storage, matte_key: str | None, cutter: Cutter) -> Cutter:
    """Which finds nothing anew where the provider was asked."""
    if matte_key is None:
        return cutter
    share = await needed(storage, matte_key)

    def told(_picture: Image.Image, _keypoints: Keypoints | None) -> Image.Image:
        return given.kept(share)

    return told
