"""The export files of one picture: made from one decoding, stored, and only then made known.

A file's key tells its content. So making it again changes nothing, and other content gets another address:
whoever has cached the old one keeps what it was.
"""

import asyncio
from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from typing import Any

from adapters.decoded import JustDecoded
from adapters.storage import Storage
from imaging import formats
from imaging.exports import Encoded, encode_all
from schema import keys
from schema.database import Database
from schema.errors import PoseError
from schema.messages.pictures import ExportItem
from schema.queries import delivery, planning


@dataclass(frozen=True)
class Exported:
    """By format name: what the item keeps of each file, and why others could not be made."""

    rows: dict[str, Any]
    failed: dict[str, PoseError]
    superseded: bool = False
    """The item has another picture by now, so these files are not known to it."""


class Exporter:
    def __init__(
        self,
        database: Database,
        storage: Storage,
        threads: Executor | None = None,
        decoded: JustDecoded | None = None,
    ) -> None:
        """`threads` bound the CPU time this may take from everything else in the process."""
        self._database = database
        self._storage = storage
        self._threads = threads
        self._decoded = decoded or JustDecoded()

    async def make(self, call: ExportItem) -> Exported:
        """Raise ObjectMissing or BadImage when the picture itself is gone or broken."""
        exported = await self.store(call)
        async with self._database.transaction() as session:
            known = await delivery.record_exports(session, call.item_id, call.image_key, exported.rows)
        return replace(exported, superseded=not known)

    async def store(self, call: ExportItem) -> Exported:
        """Without making them known."""
        wanted = [formats.resolve(name) for name in call.formats]
        async with self._database.transaction() as session:
            keypoints = await planning.keypoints_of(session, call.generation_id, call.position)
        picture = await self._storage.get(call.image_key)
        loop = asyncio.get_running_loop()
        known = self._decoded.take(call.image_key)
        encoded = await loop.run_in_executor(self._threads, encode_all, picture, keypoints, wanted, known)
        rows = await self._store(call, encoded)
        failed = {name: error for name, error in encoded.items() if isinstance(error, PoseError)}
        return Exported(rows, failed)

    async def _store(self, call: ExportItem, encoded: Mapping[str, Encoded | PoseError]) -> dict[str, Any]:
        """Names that share a file share its object."""
        rows: dict[str, Any] = {}
        stored: dict[str, str] = {}
        for name, file in encoded.items():
            if isinstance(file, PoseError):
                continue
            key = stored.get(file.sha256)
            if key is None:
                key = keys.export(call.generation_id, call.item_id, name, file.sha256, file.extension)
                await self._storage.put(key, file.data)
                stored[file.sha256] = key
            rows[name] = _row(key, file)
        return rows


def _row(key: str, file: Encoded) -> dict[str, Any]:
    return {
        "key": key,
        "mediaType": file.media_type,
        "width": file.width,
        "height": file.height,
        "bytes": len(file.data),
        "sha256": file.sha256,
    }
