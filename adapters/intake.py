"""Pictures from users, by file or by URL, into storage: checked, encoded anew, and only then made known.

A picture is stored before its row is written and after its row is gone. What is left over when the process
dies in between is an object that nobody knows, never a row that points at nothing.
"""

import asyncio
import hashlib
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from adapters.public import PublicClient
from adapters.storage import Storage
from imaging import intake
from schema import ids, keys
from schema.database import Database
from schema.errors import (
    Conflict,
    PayloadTooLarge,
    RateLimited,
    StorageUnavailable,
    Unavailable,
    UnsupportedMediaType,
    ValidationFailed,
)
from schema.kinds import UploadPurpose
from schema.queries import uploads
from schema.tables import Upload

MAX_BYTES: Final = 15 * 2**20
LONGEST_SIDE: Final = {
    UploadPurpose.AVATAR: 1024,
    UploadPurpose.BACKGROUND: 2048,
    UploadPurpose.REFERENCE: 1024,
}
"""Of what is kept. An avatar's picture goes to the provider with every item."""
FETCH_S: Final = 20.0
FETCHES_AT_ONCE: Final = 4
"""Of one user, who could else keep all of them waiting for slow addresses."""
FETCHES_IN_ALL: Final = 16
READ_AT_ONCE: Final = 2
"""Uploads that are in memory, whole; the others wait on the disk."""


@dataclass(frozen=True)
class Kept:
    upload: Upload
    is_new: bool


class Intake:
    def __init__(self, database: Database, storage: Storage, public: PublicClient) -> None:
        self._database = database
        self._storage = storage
        self._public = public
        self._decoding = asyncio.Semaphore(1)
        """A picture of 40 megapixels takes some hundred megabytes for a moment: one at a time."""
        self._reading = asyncio.Semaphore(READ_AT_ONCE)
        self._fetching: Counter[str] = Counter()

    async def read_and_keep(
        self, user_id: str, purpose: UploadPurpose, read: Callable[[], Awaitable[bytes]]
    ) -> Kept:
        async with self._reading:
            return await self.keep(user_id, purpose, await read())

    async def keep(self, user_id: str, purpose: UploadPurpose, data: bytes) -> Kept:
        if len(data) > MAX_BYTES:
            raise PayloadTooLarge(f"The picture is larger than {MAX_BYTES // 2**20} MiB.")
        sha256 = hashlib.sha256(data).hexdigest()
        async with self._database.transaction() as session:
            known = await uploads.known(session, user_id, purpose, sha256)
            if known is not None:
                return Kept(known, is_new=False)
            await uploads.require_room(session, user_id)
        async with self._decoding:
            taken = await asyncio.to_thread(intake.take, data, LONGEST_SIDE[purpose])
        return await self._store(taken, _row(user_id, purpose, sha256, taken))

    async def named(self, user_id: str, purpose: UploadPurpose, given: str, field: str) -> Upload:
        """What a field of a request names: an upload of the user's by its id, or a picture by its URL.

        Clients send back what they were shown, so the URL of an upload is that upload.
        """
        upload_id = given if ids.is_file_id(given) else keys.upload_in(urlsplit(given).path, user_id)
        if upload_id:
            async with self._database.transaction() as session:
                return await uploads.owned(session, upload_id, user_id)
        try:
            return await self._fetch(user_id, purpose, given)
        except (ValidationFailed, PayloadTooLarge, UnsupportedMediaType) as error:
            details = [{"path": field, "in": "body", "message": error.message}]
            raise ValidationFailed(f"{field}: {error.message}", details=details) from error

    async def delete(self, upload_id: str, user_id: str) -> None:
        async with self._database.transaction() as session:
            key = await uploads.delete(session, upload_id, user_id)
        await self._forget(key)

    async def _fetch(self, user_id: str, purpose: UploadPurpose, url: str) -> Upload:
        with self._place(user_id):
            reply = await self._public.get(url, max_bytes=MAX_BYTES, total_s=FETCH_S)
        return (await self.keep(user_id, purpose, reply.content)).upload

    @contextmanager
    def _place(self, user_id: str) -> Iterator[None]:
        if self._fetching[user_id] >= FETCHES_AT_ONCE:
            raise RateLimited("Your other pictures are still being fetched. Try again then.", retry_after_s=5)
        if self._fetching.total() >= FETCHES_IN_ALL:
            raise RateLimited("Too many pictures are being fetched. Try again in a moment.", retry_after_s=5)
        self._fetching[user_id] += 1
        try:
            yield
        finally:
            self._fetching[user_id] -= 1
            if not self._fetching[user_id]:
                del self._fetching[user_id]

    async def _store(self, taken: intake.Taken, row: Upload) -> Kept:
        try:
            await self._storage.put(row.key, taken.data)
        except StorageUnavailable as error:
            raise Unavailable("The picture cannot be stored now. Try again in a moment.") from error
        try:
            async with self._database.transaction() as session:
                kept = await uploads.create(session, row)
        except Conflict:
            await self._forget(row.key)
            raise
        if kept.id != row.id:
            await self._forget(row.key)
        return Kept(kept, is_new=kept.id == row.id)

    async def _forget(self, key: str) -> None:
        with suppress(StorageUnavailable):  # nobody knows the object any more: it only takes room
            await self._storage.delete(key)


def _row(user_id: str, purpose: UploadPurpose, sha256: str, taken: intake.Taken) -> Upload:
    upload_id = ids.file_id()
    return Upload(
        id=upload_id,
        user_id=user_id,
        purpose=purpose,
        sha256=sha256,
        width=taken.width,
        height=taken.height,
        size_bytes=len(taken.data),
    )
