"""The bytes of one ZIP: each file goes out as its parts come from the storage, and the manifest closes it.

An export that is missing is made when its turn comes; a file that cannot be had is listed in the manifest.
Only one that breaks off in its middle breaks the download, since what has been sent cannot be taken back.
"""

import hashlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable
from contextlib import aclosing, suppress

from adapters.exporter import Exporter
from adapters.storage import ObjectMissing, Storage
from api.item_files import export_call, key_of
from api.zips import manifest, packer
from api.zips.contents import Contents
from api.zips.manifest import File
from schema.database import Database
from schema.errors import PoseError, StorageUnavailable, Unavailable
from schema.models.archives import ManifestFile, MissingFile
from schema.queries import items
from schema.tables import Item


class Archive:
    """Used once."""

    def __init__(self, contents: Contents, database: Database, storage: Storage, exporter: Exporter) -> None:
        self._contents = contents
        self._database = database
        self._storage = storage
        self._exporter = exporter
        self._packer = packer.Packer()
        self._packed: list[ManifestFile] = []
        self._missing = list(contents.left_out)
        self.length = self._foreseen() if contents.complete else None

    def _foreseen(self) -> int:
        files = [file for item in self._contents.pictures for file in self._there(item)]
        entries = [self._entry(file, manifest.UNKNOWN_HASH) for file in files]
        last = manifest.document(self._contents, entries, self._missing)
        return packer.length([*((entry.name, entry.size) for entry in entries), (manifest.NAME, len(last))])

    async def parts(self) -> AsyncGenerator[bytes, None]:
        for item in self._contents.pictures:
            before = len(self._packed)
            for file in (*self._there(item), *await self._made(item)):
                async with aclosing(self._file(file)) as pieces:
                    async for piece in pieces:
                        yield piece
            if len(self._packed) > before:
                await self._count(item)
        last = manifest.document(self._contents, self._packed, self._missing)
        for piece in self._packer.close(manifest.NAME, last):
            yield piece

    async def _file(self, file: File) -> AsyncGenerator[bytes, None]:
        """The first part is in hand before anything of the file is sent: until then it can be left out."""
        parts = self._storage.stream(file.key)
        try:
            first = await anext(parts)
        except (ObjectMissing, StopAsyncIteration, StorageUnavailable):
            if self.length is not None:
                raise  # it is part of the length that was promised
            self._miss(file.item, [file.format_name], "GONE", "The file is gone from the storage.")
            return
        digest = hashlib.sha256(first)
        name = self._entry(file, manifest.UNKNOWN_HASH).name
        rest = _each(parts, digest.update)
        async with aclosing(self._packer.pack(name, file.size, first, rest)) as pieces:
            async for piece in pieces:
                yield piece
        self._packed.append(self._entry(file, digest.hexdigest()))

    def _there(self, item: Item) -> list[File]:
        located = ((name, key_of(item, name)) for name in self._contents.formats)
        sizes = self._contents.sizes
        return [File(item, name, key, sizes[key]) for name, key in located if key in sizes]

    async def _made(self, item: Item) -> list[File]:
        """What was never ordered, or is gone."""
        there = {file.format_name for file in self._there(item)}
        wanted = [name for name in self._contents.formats if name not in there]
        if not wanted:
            return []
        try:
            exported = await self._exporter.make(export_call(item, *wanted))
        except ObjectMissing:
            self._miss(item, wanted, "GONE", "The picture is gone from the storage.")
            return []
        except PoseError as error:
            self._miss(item, wanted, error.code, error.message)
            return []
        for name, failure in exported.failed.items():
            self._miss(item, [name], failure.code, failure.message)
        return [File(item, name, row["key"], row["bytes"]) for name, row in exported.rows.items()]

    def _miss(self, item: Item, format_names: Iterable[str], code: str, reason: str) -> None:
        self._missing += [
            MissingFile(item_id=item.id, index=item.index, format=name, code=code, reason=reason)
            for name in format_names
        ]

    def _entry(self, file: File, sha256: str) -> ManifestFile:
        return manifest.entry(file, self._contents.pose_names[file.item.position], sha256)

    async def _count(self, item: Item) -> None:
        with suppress(Unavailable):  # not worth a broken download
            async with self._database.transaction() as session:
                await items.count_download(session, item.id)


async def _each(parts: AsyncIterator[bytes], look: Callable[[bytes], None]) -> AsyncIterator[bytes]:
    async for part in parts:
        look(part)
        yield part
