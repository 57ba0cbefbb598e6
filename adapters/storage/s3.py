"""Objects in a bucket of any S3 server.

Every object is written with one PUT, so a reader sees it whole or not at all. Calls run in threads
of their own, so a slow server holds up nothing else, and a silent one is given up within a bounded time.
"""

import asyncio
import io
import time
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import ParamSpec, TypeVar
from urllib.parse import quote

from minio import Minio
from minio.commonconfig import REPLACE, CopySource
from minio.error import MinioException, S3Error
from minio.helpers import DictType
from urllib3 import PoolManager, Retry, Timeout
from urllib3.exceptions import HTTPError, ProtocolError, ReadTimeoutError

from adapters.storage import CACHE_CONTROL, ObjectInfo, ObjectMissing, check_key, check_prefix
from adapters.storage.paging import pages
from adapters.storage.parts import PART_SIZE, Part, in_parts
from adapters.storage.signing import signing_window
from schema import keys
from schema.errors import StorageUnavailable

P = ParamSpec("P")
R = TypeVar("R")

CONNECTIONS = 16
CONNECT_TIMEOUT_S = 3
READ_TIMEOUT_S = 15
RETRIES = 2
MIN_PART_SIZE = 5 * 1024 * 1024
MAX_PRESIGN_S = 7 * 24 * 3600
"""S3 allows no longer."""
PROBE_KEY = ".probe"
"""Begins with a dot, so it is nobody's object."""


class S3Storage:
    def __init__(
        self,
        *,
        host: str,
        secure: bool,
        region: str,
        bucket: str,
        access_key: str,
        secret_key: str,
        url_ttl_s: int,
        public_url: str | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._bucket = bucket
        self._url_ttl_s = url_ttl_s
        self._public_url = public_url.rstrip("/") if public_url else None
        self._clock = clock
        self._threads = ThreadPoolExecutor(CONNECTIONS, "s3")
        self._http = PoolManager(
            maxsize=CONNECTIONS,
            timeout=Timeout(connect=CONNECT_TIMEOUT_S, read=READ_TIMEOUT_S),
            # A Retry-After could be an hour: whoever called decides about waits that long.
            retries=Retry(
                RETRIES,
                backoff_factor=0.2,
                status_forcelist=(429, 500, 502, 503, 504),
                respect_retry_after_header=False,
            ),
        )
        # With a region given, the client never asks where the bucket lies: presigning needs no network.
        self._client = Minio(
            host, access_key, secret_key, secure=secure, region=region, http_client=self._http
        )

    async def put(self, key: str, data: bytes) -> None:
        await self._run(self._put, check_key(key), data)

    async def get(self, key: str) -> bytes:
        return await self._run(self._get, check_key(key))

    def stream(self, key: str) -> AsyncIterator[bytes]:
        check_key(key)

        async def read(start: int, version: str | None) -> Part:
            try:
                return await self._run(self._get_part, key, start, version)
            except StorageUnavailable as error:
                if isinstance(error.__cause__, S3Error) and error.__cause__.code == "InvalidRange":
                    return Part(b"", 0, "")  # nothing has no beginning either
                raise

        return in_parts(read)

    async def stat(self, key: str) -> ObjectInfo | None:
        try:
            found = await self._run(self._client.stat_object, self._bucket, check_key(key))
        except ObjectMissing:
            return None
        return ObjectInfo(key, found.size or 0, found.last_modified or datetime.now(UTC))

    async def move(self, source: str, target: str) -> None:
        check_key(source)
        check_key(target)
        try:
            await self._run(self._move, source, target)
        except ObjectMissing:
            if not await self.stat(target):
                raise

    async def delete(self, key: str) -> None:
        await self._run(self._client.remove_object, self._bucket, check_key(key))

    def list(self, prefix: str, *, after: str = "") -> AsyncIterator[ObjectInfo]:
        return pages(self._walk(check_prefix(prefix), after), self._run)

    def url(self, key: str, *, download_name: str | None = None, until: datetime | None = None) -> str:
        """A public bucket gives plain URLs; only a signed one can carry a download name, or expire."""
        if self._public_url and not download_name and not until:
            return f"{self._public_url}/{check_key(key)}"
        start_s, valid_s = signing_window(self._clock(), self._url_ttl_s, until)
        # Said again because a server may guess a type from the name, and nothing stored may run as a page.
        headers: DictType = {"response-content-type": keys.content_type(key)}
        if download_name:
            headers["response-content-disposition"] = _disposition(download_name)
        return self._client.get_presigned_url(
            "GET",
            self._bucket,
            check_key(key),
            expires=timedelta(seconds=min(valid_s, MAX_PRESIGN_S)),
            request_date=datetime.fromtimestamp(start_s, UTC),
            response_headers=headers,
        )

    async def check(self) -> None:
        """Writing is the only proof of being allowed to, also for keys that may do nothing else."""
        await self._run(self._check)

    async def close(self) -> None:
        await asyncio.to_thread(self._threads.shutdown)
        self._http.clear()

    async def _run(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        call = partial(work, *args, **kwargs)
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, call)
        except (MinioException, HTTPError, OSError) as error:
            if isinstance(error, S3Error) and error.code == "NoSuchKey":
                raise ObjectMissing(error.object_name) from error
            raise StorageUnavailable("The file storage did not answer. Try again in a moment.") from error

    def _put(self, key: str, data: bytes) -> None:
        self._client.put_object(
            self._bucket,
            key,
            io.BytesIO(data),
            len(data),
            content_type=keys.content_type(key),
            metadata={"Cache-Control": CACHE_CONTROL},
            part_size=max(len(data), MIN_PART_SIZE),  # one part is one PUT
        )

    def _get(self, key: str) -> bytes:
        response = self._client.get_object(self._bucket, key)
        try:
            return response.read()
        finally:
            response.close()
            response.release_conn()

    def _get_part(self, key: str, start: int, version: str | None) -> Part:
        """A body that breaks off is asked for again; the client itself only repeats whole requests."""
        for _ in range(RETRIES):
            with suppress(ProtocolError, ReadTimeoutError):
                return self._read_part(key, start, version)
        return self._read_part(key, start, version)

    def _read_part(self, key: str, start: int, version: str | None) -> Part:
        same: DictType | None = {"If-Match": version} if version else None
        response = self._client.get_object(self._bucket, key, start, PART_SIZE, request_headers=same)
        try:
            size = response.headers.get("Content-Range", "").rpartition("/")[2]
            data = response.read()
        finally:
            response.close()
            response.release_conn()
        return Part(data, int(size or len(data)), response.headers.get("ETag", ""))

    def _move(self, source: str, target: str) -> None:
        """The type follows the target's name: what was staged had none."""
        if source == target:
            self._client.stat_object(self._bucket, source)
            return
        metadata: DictType = {"Content-Type": keys.content_type(target), "Cache-Control": CACHE_CONTROL}
        self._client.copy_object(
            self._bucket,
            target,
            CopySource(self._bucket, source),
            metadata=metadata,
            metadata_directive=REPLACE,
        )
        self._client.remove_object(self._bucket, source)

    def _walk(self, prefix: str, after: str) -> Iterator[ObjectInfo]:
        for found in self._client.list_objects(
            self._bucket, prefix, recursive=True, start_after=after or None
        ):
            if found.object_name and found.object_name != PROBE_KEY:
                yield ObjectInfo(found.object_name, found.size or 0, found.last_modified or datetime.now(UTC))

    def _check(self) -> None:
        try:
            self._put(PROBE_KEY, b"probe")
        except S3Error as error:
            if error.code != "NoSuchBucket":
                raise
            self._make_bucket()
            self._put(PROBE_KEY, b"probe")

    def _make_bucket(self) -> None:
        try:
            self._client.make_bucket(self._bucket)
        except S3Error as error:
            if error.code not in {
                "BucketAlreadyOwnedByYou",
                "BucketAlreadyExists",
            }:  # another process was faster
                raise


def _disposition(name: str) -> str:
    encoded = quote(name, safe="")
    return f'attachment; filename="{name}"' if encoded == name else f"attachment; filename*=UTF-8''{encoded}"
