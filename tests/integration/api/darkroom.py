"""Delivered pictures without a worker: real rows, real files in the storage that the settings name."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import httpx
from PIL import Image
from sqlmodel import col, select, update

from adapters.exporter import Exporter
from adapters.storage import Storage
from api.item_files import export_call
from imaging.exports import thumbnail
from schema import ids
from schema.database import Database
from schema.tables import Item
from tests.integration.api.stand_in import StandIn

SIDE = 256


def photograph(number: int) -> bytes:
    """A gradient of its own for each number."""
    image = Image.linear_gradient("L").resize((SIDE, SIDE))
    out = BytesIO()
    Image.merge("RGB", (image, image.rotate(90), image.point(lambda v: (v + 37 * number) % 256))).save(
        out, "PNG"
    )
    return out.getvalue()


@dataclass
class Darkroom:
    client: httpx.AsyncClient
    anyone: httpx.AsyncClient
    """Without a token; follows the URLs that the API hands out."""
    gateway: StandIn
    database: Database
    storage: Storage
    project: str

    async def order(self, poses: list[str], **fields: Any) -> str:
        order = {"projectId": self.project, "generationType": "GALLERY_REFERENCE", "selectedPoseIds": poses}
        answer = await self.client.post("/generate", json=order | {"batchSize": 1} | fields)
        assert answer.status_code == 202, answer.text
        return str(answer.json()["generationId"])

    async def deliver(self, generation: str, indexes: Iterable[int], *formats: str) -> None:
        """The pictures, each with its exports in these formats."""
        exporter = Exporter(self.database, self.storage)
        for index in indexes:
            await self.gateway.deliver(generation, index)
            item = await self.item(generation, index)
            assert item.image_key
            assert item.thumbnail_key
            picture = await asyncio.to_thread(photograph, index)
            await self.storage.put(item.image_key, picture)
            await self.storage.put(item.thumbnail_key, await asyncio.to_thread(thumbnail, picture))
            if formats:
                await exporter.make(export_call(item, *formats))

    async def item(self, generation: str, index: int = 0) -> Item:
        async with self.database.transaction() as session:
            return await session.get_one(Item, ids.item_id(generation, index))

    async def items(self, generation: str) -> list[Item]:
        query = select(Item).where(Item.generation_id == generation).order_by(col(Item.index))
        async with self.database.transaction() as session:
            return list(await session.exec(query))

    async def replace_picture(self, item: Item, number: int) -> None:
        """What changing the background does."""
        key = f"generated/{item.generation_id}/{item.id}-{number}.png"
        await self.storage.put(key, photograph(number))
        async with self.database.transaction() as session:
            await session.exec(update(Item).where(col(Item.id) == item.id).values(image_key=key))

    async def open(self, url: str) -> httpx.Response:
        """Local URLs name the port of the settings, which is not the test server's."""
        here, there = self.anyone.base_url, httpx.URL(url)
        if there.path.startswith("/files/"):
            there = there.copy_with(host=here.host, port=here.port)
        return await self.anyone.get(there)
