"""The formats of one item. A format that fails is listed as missing; the item stays delivered."""

import asyncio
from typing import Any

from temporalio import activity

from adapters.storage import Storage
from imaging import formats
from imaging.exports import Encoded, encode_all
from schema import keys
from schema.database import Database
from schema.messages import ExportedItem, ExportItem
from schema.queries import delivery, planning


class ExportActivities:
    def __init__(self, database: Database, storage: Storage) -> None:
        self._database = database
        self._storage = storage

    @activity.defn
    async def export_item(self, call: ExportItem) -> ExportedItem:
        wanted = [formats.resolve(name) for name in call.formats]
        async with self._database.transaction() as session:
            keypoints = await planning.keypoints_of(session, call.generation_id, call.position)
        picture = await self._storage.get(call.image_key)
        encoded = await asyncio.to_thread(encode_all, picture, keypoints, wanted)
        made = {name: result for name, result in encoded.items() if isinstance(result, Encoded)}
        rows = await self._store(call, made)
        async with self._database.transaction() as session:
            await delivery.record_exports(session, call.item_id, rows)
        missing = tuple(name for name in call.formats if name not in made)
        return ExportedItem(made=tuple(made), missing=missing)

    async def _store(self, call: ExportItem, made: dict[str, Encoded]) -> dict[str, Any]:
        """Names that share a file share its object."""
        rows: dict[str, Any] = {}
        stored: dict[str, str] = {}
        for name, file in made.items():
            key = stored.get(file.sha256)
            if key is None:
                key = keys.export(call.generation_id, call.item_id, name, file.extension)
                await self._storage.put(key, file.data)
                stored[file.sha256] = key
            rows[name] = {
                "key": key,
                "mediaType": file.media_type,
                "width": file.width,
                "height": file.height,
                "bytes": len(file.data),
                "sha256": file.sha256,
            }
        return rows
