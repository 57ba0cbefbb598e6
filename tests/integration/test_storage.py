"""The storage contract: the same promises from a folder and from a real S3 server."""

import asyncio
import json
import signal
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest

from adapters.storage import ObjectMissing
from adapters.storage.parts import PART_SIZE
from schema.errors import StorageUnavailable
from tests.integration.storages import KEY, PICTURE, STAGED, names, place
from tests.servers.storage import Place

__all__ = ["place"]

UNTIL_S = 30


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
