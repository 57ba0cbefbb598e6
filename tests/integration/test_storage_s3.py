"""What only an S3 server can get wrong: missing buckets, stored types, failing connections."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from adapters.storage import CACHE_CONTROL, Storage, s3
from adapters.storage.factory import open_storage
from adapters.storage.s3 import S3Storage
from schema.errors import StorageUnavailable
from tests.integration.storages import KEY, PICTURE, STAGED, names
from tests.servers.line import line_to
from tests.servers.seaweed import S3Endpoint
from tests.servers.storage import s3_settings, settings


@pytest.fixture
async def bucket(s3_server: S3Endpoint) -> AsyncIterator[S3Storage]:
    """S3 only, and not checked yet: the bucket does not exist."""
    storage = open_storage(settings(s3_settings(s3_server)))
    assert isinstance(storage, S3Storage)
    yield storage
    await storage.close()


async def test_check_makes_a_missing_bucket(bucket: S3Storage) -> None:
    with pytest.raises(StorageUnavailable):
        await bucket.put(KEY, PICTURE)
    await asyncio.gather(*(bucket.check() for _ in range(4)))
    await bucket.put(KEY, PICTURE)
    assert await bucket.get(KEY) == PICTURE


async def test_a_large_object_is_one_put(bucket: S3Storage) -> None:
    await bucket.check()
    await bucket.put(KEY, b"x" * 12_000_000)
    async with httpx.AsyncClient() as http:
        response = await http.get(bucket.url(KEY))
    assert len(response.content) == 12_000_000
    assert "-" not in response.headers["etag"]  # of several parts it would be "…-3"


async def test_the_stored_type_is_right_for_public_buckets(bucket: S3Storage) -> None:
    """There, URLs are plain and cannot name a type."""
    await bucket.check()
    await bucket.put("thumbnails/gen_1/item_1.jpg", PICTURE)
    await bucket.put(STAGED, PICTURE)
    await bucket.move(STAGED, KEY)
    for key, content_type in (("thumbnails/gen_1/item_1.jpg", "image/jpeg"), (KEY, "image/png")):
        stored = await asyncio.to_thread(bucket._client.stat_object, bucket._bucket, key)
        assert stored.content_type == content_type
        assert stored.metadata is not None
        assert stored.metadata["cache-control"] == CACHE_CONTROL


async def test_a_wrong_secret_is_unavailable_not_missing(s3_server: S3Endpoint) -> None:
    wrong = s3_settings(s3_server) | {"s3_secret_key": "wrong"}
    await fails_everywhere(open_storage(settings(wrong)))


async def test_a_server_that_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    gone = s3_settings(S3Endpoint("http://127.0.0.1:1", "access", "secret"))
    await fails_everywhere(open_storage(settings(gone)))


async def test_a_server_that_never_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(s3, "READ_TIMEOUT_S", 0.1)

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with await asyncio.start_server(listen, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        silent = s3_settings(S3Endpoint(f"http://127.0.0.1:{port}", "access", "secret"))
        await fails_everywhere(open_storage(settings(silent)))


async def test_a_body_that_breaks_off_is_read_again(s3_server: S3Endpoint) -> None:
    address = httpx.URL(s3_server.endpoint)
    async with line_to(address.host, address.port or 80) as line:
        behind = s3_settings(s3_server) | {"s3_endpoint": line.address}
        storage, data = open_storage(settings(behind)), bytes(range(256)) * 5000
        await storage.check()
        await storage.put(KEY, data)
        await storage.close()
        storage, line.cuts = open_storage(settings(behind)), [400_000, 100_000]
        assert b"".join([part async for part in storage.stream(KEY)]) == data
        assert line.cuts == []
        line.cuts = [100_000] * 3
        await storage.close()
        storage = open_storage(settings(behind))
        with pytest.raises(StorageUnavailable):
            await anext(storage.stream(KEY))
        await storage.close()


async def fails_everywhere(storage: Storage) -> None:
    attempts = (
        storage.put(KEY, PICTURE),
        storage.get(KEY),
        anext(storage.stream(KEY)),
        storage.stat(KEY),
        storage.move(STAGED, KEY),
        storage.delete(KEY),
        storage.check(),
        names(storage),
    )
    async with asyncio.timeout(20):
        results = await asyncio.gather(*attempts, return_exceptions=True)
    await storage.close()
    assert [type(result) for result in results] == [StorageUnavailable] * len(attempts)
