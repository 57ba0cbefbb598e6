"""The storage contract: the same promises from a folder and from a real S3 server."""

import asyncio
import json
import signal
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from adapters.storage import CACHE_CONTROL, ObjectMissing, Storage, s3
from adapters.storage.factory import open_storage
from adapters.storage.parts import PART_SIZE
from adapters.storage.s3 import S3Storage
from schema.errors import StorageUnavailable
from tests.servers.line import line_to
from tests.servers.seaweed import S3Endpoint
from tests.servers.storage import Place, empty_place, local_settings, s3_settings, settings

KEY = "generated/gen_1/item_1.png"
STAGED = "staging/gen_1/item_1-7"
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 1000
UNTIL_S = 30


@pytest.fixture(params=["local", "s3"])
async def place(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Place]:
    server = request.getfixturevalue("s3_server") if request.param == "s3" else None
    async with empty_place(local_settings(tmp_path) if server is None else s3_settings(server)) as place:
        yield place


@pytest.fixture
async def bucket(s3_server: S3Endpoint) -> AsyncIterator[S3Storage]:
    """S3 only, and not checked yet: the bucket does not exist."""
    storage = open_storage(settings(s3_settings(s3_server)))
    assert isinstance(storage, S3Storage)
    yield storage
    await storage.close()


async def names(storage: Storage, prefix: str = "") -> list[str]:
    return sorted([info.key async for info in storage.list(prefix)])


async def until(condition: Callable[[], Awaitable[object]]) -> None:
    async with asyncio.timeout(UNTIL_S):
        while True:
            if await condition():
                return
            await asyncio.sleep(0.01)


async def test_round_trip(place: Place) -> None:
    await place.storage.put(KEY, PICTURE)
    assert await place.storage.get(KEY) == PICTURE
    info = await place.storage.stat(KEY)
    assert info is not None
    assert (info.key, info.size) == (KEY, len(PICTURE))
    assert abs(datetime.now(UTC) - info.modified_at) < timedelta(minutes=1)
    assert [listed.size async for listed in place.storage.list("")] == [len(PICTURE)]


async def test_an_empty_object_is_an_object(place: Place) -> None:
    await place.storage.put(KEY, b"")
    assert await place.storage.get(KEY) == b""
    assert await names(place.storage) == [KEY]


async def test_a_stream_gives_the_object_in_small_parts(place: Place) -> None:
    data = bytes(range(256)) * 5000
    await place.storage.put(KEY, data)
    parts = [part async for part in place.storage.stream(KEY)]
    assert b"".join(parts) == data
    assert [len(part) for part in parts] == [PART_SIZE, PART_SIZE, len(data) - 2 * PART_SIZE]
    for short in (b"x", b"x" * PART_SIZE):
        await place.storage.put(KEY, short)
        assert [part async for part in place.storage.stream(KEY)] == [short]
    await place.storage.put(KEY, b"")
    assert [part async for part in place.storage.stream(KEY)] == []


async def test_streams_left_early_hold_nothing(place: Place) -> None:
    """Many more than there are connections."""
    await place.storage.put(KEY, b"x" * 3 * PART_SIZE)
    streams = [place.storage.stream(KEY) for _ in range(40)]
    firsts = await asyncio.gather(*(anext(stream) for stream in streams))
    assert {len(first) for first in firsts} == {PART_SIZE}
    assert await place.storage.get(KEY) == b"x" * 3 * PART_SIZE
    rest = [len(part) async for part in streams[0]]
    assert rest == [PART_SIZE, PART_SIZE]


async def test_a_stream_never_mixes_two_objects(place: Place) -> None:
    await place.storage.put(KEY, b"a" * 2 * PART_SIZE)
    stream = place.storage.stream(KEY)
    assert await anext(stream) == b"a" * PART_SIZE
    await place.storage.put(KEY, b"b" * 3 * PART_SIZE)
    with pytest.raises(StorageUnavailable):
        await anext(stream)


async def test_a_stream_of_what_is_or_becomes_missing(place: Place) -> None:
    for key in (KEY, "generated"):
        with pytest.raises(ObjectMissing):
            await anext(place.storage.stream(key))
    await place.storage.put(KEY, b"a" * 2 * PART_SIZE)
    stream = place.storage.stream(KEY)
    await anext(stream)
    await place.storage.delete(KEY)
    with pytest.raises(ObjectMissing):
        await anext(stream)


async def test_writing_again_replaces(place: Place) -> None:
    for data in (PICTURE, PICTURE, b"shorter"):
        await place.storage.put(KEY, data)
        assert await place.storage.get(KEY) == data
    assert await names(place.storage) == [KEY]


async def test_writers_of_one_key_never_mix(place: Place) -> None:
    contents = [bytes([number]) * 300_000 for number in range(8)]
    await place.storage.put(KEY, contents[0])
    writes = [place.storage.put(KEY, content) for content in contents]
    reads = [place.storage.get(KEY) for _ in range(16)]
    results = await asyncio.gather(*writes, *reads)
    assert all(result in contents for result in results[len(writes) :])
    assert await place.storage.get(KEY) in contents
    assert await names(place.storage) == [KEY]


async def test_what_is_missing(place: Place) -> None:
    with pytest.raises(ObjectMissing):
        await place.storage.get(KEY)
    assert await place.storage.stat(KEY) is None
    await place.storage.delete(KEY)
    assert await names(place.storage) == []
    assert (await place.http.get(place.storage.url(KEY))).status_code == 404


async def test_a_folder_is_no_object(place: Place) -> None:
    await place.storage.put(KEY, PICTURE)
    for folder in ("generated", "generated/gen_1", f"{KEY}/deeper"):
        assert await place.storage.stat(folder) is None
        with pytest.raises(ObjectMissing):
            await place.storage.get(folder)
        await place.storage.delete(folder)
    assert await place.storage.get(KEY) == PICTURE


async def test_delete_can_be_repeated(place: Place) -> None:
    await place.storage.put(KEY, PICTURE)
    await asyncio.gather(*(place.storage.delete(KEY) for _ in range(4)))
    assert await place.storage.stat(KEY) is None


async def test_move_can_be_repeated(place: Place) -> None:
    await place.storage.put(STAGED, PICTURE)
    for _ in range(2):
        await place.storage.move(STAGED, KEY)
        assert await place.storage.get(KEY) == PICTURE
        assert await names(place.storage) == [KEY]


async def test_move_takes_the_type_of_its_target(place: Place) -> None:
    await place.storage.put(STAGED, PICTURE)
    await place.storage.move(STAGED, KEY)
    assert (await place.http.get(place.storage.url(KEY))).headers["content-type"] == "image/png"


async def test_racing_moves_all_succeed(place: Place) -> None:
    for _ in range(2):  # our server takes a second for such a race
        await place.storage.put(STAGED, PICTURE)
        await asyncio.gather(*(place.storage.move(STAGED, KEY) for _ in range(6)))
        assert await place.storage.get(KEY) == PICTURE
        assert await names(place.storage) == [KEY]
        await place.storage.delete(KEY)


async def test_move_replaces_its_target(place: Place) -> None:
    await place.storage.put(KEY, b"old")
    await place.storage.put(STAGED, PICTURE)
    await place.storage.move(STAGED, KEY)
    assert await place.storage.get(KEY) == PICTURE


async def test_move_onto_itself_loses_nothing(place: Place) -> None:
    await place.storage.put(KEY, PICTURE)
    await place.storage.move(KEY, KEY)
    assert await place.storage.get(KEY) == PICTURE


async def test_move_of_nothing_is_an_error(place: Place) -> None:
    for target in (KEY, STAGED):
        with pytest.raises(ObjectMissing):
            await place.storage.move(STAGED, target)
    assert await names(place.storage) == []


async def test_list_keeps_to_its_prefix(place: Place) -> None:
    wanted = ["a-b/x", "a.png", "a/b/c", "a/b2", "a/bc/d", "a0/x", "ab/c", "b/c"]
    await asyncio.gather(*(place.storage.put(key, b"x") for key in wanted))
    assert await names(place.storage) == wanted
    assert await names(place.storage, "a/") == ["a/b/c", "a/b2", "a/bc/d"]
    assert await names(place.storage, "a/b") == ["a/b/c", "a/b2", "a/bc/d"]
    assert await names(place.storage, "a/bc/d") == ["a/bc/d"]
    assert await names(place.storage, "a/bc/d/") == []
    assert await names(place.storage, "nothing/here") == []


async def test_a_list_goes_on_behind_any_of_its_keys(place: Place) -> None:
    wanted = ["a/b/1", "a/b/2", "a/c", "b/1", "b/2/x", "b/3", "c"]
    await asyncio.gather(*(place.storage.put(key, b"x") for key in wanted))
    listed = [info.key async for info in place.storage.list("")]
    assert sorted(listed) == wanted
    for number, key in enumerate(listed):
        assert [info.key async for info in place.storage.list("", after=key)] == listed[number + 1 :]
    assert [info.key async for info in place.storage.list("b/", after="b/1")] == ["b/2/x", "b/3"]
    assert [info.key async for info in place.storage.list("", after="a/b/15")] == listed[1:]


async def test_list_goes_on_after_a_page(place: Place) -> None:
    wanted = [f"many/{number // 500}/{number:04d}" for number in range(1005)]
    await asyncio.gather(*(place.storage.put(key, b"x") for key in wanted))
    assert await names(place.storage, "many/") == wanted


@pytest.mark.parametrize(
    ("key", "content_type"),
    [
        (KEY, "image/png"),
        ("thumbnails/g/i.jpg", "image/jpeg"),
        ("library/preview/a.webp", "image/webp"),
        ("staging/g/i-7", "application/octet-stream"),
        ("uploads/page.html", "application/octet-stream"),
    ],
)
async def test_a_signed_url_downloads_with_the_right_type(place: Place, key: str, content_type: str) -> None:
    await place.storage.put(key, PICTURE)
    response = await place.http.get(place.storage.url(key))
    assert (response.status_code, response.content) == (200, PICTURE)
    assert response.headers["content-type"] == content_type
    assert response.headers["cache-control"] == CACHE_CONTROL
    assert "content-disposition" not in response.headers


@pytest.mark.parametrize("name", ["pose-1.png", "Kaos é 1.png", 'a"b;c.png', "a\r\nX-Evil: 1.png"], ids=ascii)
async def test_a_download_has_its_name(place: Place, name: str) -> None:
    await place.storage.put(KEY, PICTURE)
    response = await place.http.get(place.storage.url(KEY, download_name=name))
    assert (response.status_code, response.content) == (200, PICTURE)
    assert response.headers["content-disposition"].startswith("attachment; filename")
    assert "x-evil" not in response.headers


async def test_a_url_opens_nothing_else(place: Place) -> None:
    other = "generated/gen_2/item_9.png"
    await place.storage.put(KEY, PICTURE)
    await place.storage.put(other, PICTURE)
    url = place.storage.url(KEY, download_name="a.png")
    unsigned, _, signature = url.partition("?")
    for tampered in (
        unsigned,
        url.replace(KEY, other),
        url.replace("a.png", "b.png"),
        url[:-1] + ("A" if url[-1] != "A" else "B"),
        f"{unsigned}?{signature}".replace("xp=1", "xp=2").replace("Expires=4", "Expires=5"),
    ):
        assert tampered != url
        assert (await place.http.get(tampered)).status_code == 403
    assert (await place.http.get(url)).status_code == 200


async def test_a_url_expires(place: Place) -> None:
    await place.storage.put(KEY, PICTURE)
    for age_s, status in ((3500, 200), (3600 * 5 / 4 + 1, 403)):
        earlier = place.at(time.time() - age_s)
        assert (await place.http.get(earlier.url(KEY))).status_code == status
        await earlier.close()


async def test_a_url_can_be_made_to_end_sooner(place: Place) -> None:
    await place.storage.put(KEY, PICTURE)
    earlier = place.at(time.time() - 100)
    for ends_in_s, status in ((50, 200), (-50, 403), (-1000, 403)):
        until = datetime.now(UTC) + timedelta(seconds=ends_in_s)
        for name in (None, "a.png"):
            url = earlier.url(KEY, until=until, download_name=name)
            assert (await place.http.get(url)).status_code == status
    later = datetime.now(UTC) + timedelta(days=90)
    assert place.at(1_800_000_000).url(KEY, until=later) == place.at(1_800_000_000).url(KEY)
    await earlier.close()


async def test_urls_stay_equal_within_a_window(place: Place) -> None:
    urls = []
    for offset_s in (0, 899, 900):
        later = place.at(1_800_000_000 + offset_s)
        urls.append(later.url(KEY))
        await later.close()
    assert urls[0] == urls[1] != urls[2]


WRITE_FOREVER = """
import asyncio, json, sys
from adapters.storage.factory import open_storage
from schema.settings import Settings

async def main(settings, key, size):
    storage = open_storage(Settings(_env_file=None, **settings))
    while True:
        for letter in b"AB":
            await storage.put(key, bytes([letter]) * size)

asyncio.run(main(*json.loads(sys.argv[1])))
"""


async def test_a_killed_writer_leaves_a_whole_object(place: Place) -> None:
    size = 8_000_000
    for _ in range(3):
        arguments = json.dumps([place.settings, KEY, size])
        writer = await asyncio.create_subprocess_exec(sys.executable, "-c", WRITE_FOREVER, arguments)
        try:
            await until(lambda: place.storage.stat(KEY))
        finally:
            writer.kill()
        assert await writer.wait() == -signal.SIGKILL
        assert await place.storage.get(KEY) in {b"A" * size, b"B" * size}
        assert await names(place.storage) == [KEY]
        await place.storage.delete(KEY)


async def test_check_can_be_repeated_and_leaves_nothing_visible(place: Place) -> None:
    await asyncio.gather(*(place.storage.check() for _ in range(4)))
    assert await names(place.storage) == []


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
