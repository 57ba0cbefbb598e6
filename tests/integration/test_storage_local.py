"""What only a folder can get wrong: full disks, killed writers' remains, empty folders."""

import asyncio
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from adapters.storage import ObjectMissing
from adapters.storage.local import LEFTOVER_AGE_S, LocalStorage
from adapters.storage.signing import UrlSigner
from schema.errors import StorageUnavailable
from tests.servers.disk import out_of_order

KEY = "generated/gen_1/item_1.png"
UNTIL_S = 60


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "not" / "yet" / "there"


@pytest.fixture
def storage(root: Path) -> LocalStorage:
    return LocalStorage(root, UrlSigner("http://shop.test", "s" * 32, 3600))


def folders(root: Path) -> list[str]:
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_dir())


PROGRAM = """
import asyncio, resource, signal, sys
from pathlib import Path
from adapters.storage.local import LocalStorage
from adapters.storage.signing import UrlSigner
from schema.errors import StorageUnavailable
from tests.servers.disk import out_of_order

root, size, limit, forever = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), len(sys.argv) > 4
if limit:
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
storage = LocalStorage(Path(root), UrlSigner("http://shop.test", "s" * 32, 3600))
try:
    asyncio.run(storage.put("generated/gen_1/item_1.png", b"x" * size))
    while forever:
        asyncio.run(storage.put("generated/gen_1/item_1.png", b"x" * size))
except StorageUnavailable:
    sys.exit(3)
"""


def test_a_full_disk_leaves_nothing(storage: LocalStorage, root: Path) -> None:
    for size, exit_code in ((2_000_000, 3), (500_000, 0), (2_000_000, 3)):
        command = [sys.executable, "-c", PROGRAM, str(root), str(size), "1000000"]
        done = subprocess.run(command, check=False, timeout=UNTIL_S)
        assert done.returncode == exit_code
        assert list((root / ".partial").iterdir()) == []
    assert storage.path(KEY).read_bytes() == b"x" * 500_000


async def test_a_kill_in_the_middle_of_a_write(storage: LocalStorage, root: Path) -> None:
    """Killed until a kill left part of a file behind: the name then shows the object before it, whole."""
    size, partial = 32_000_000, root / ".partial"
    deadline = time.monotonic() + UNTIL_S
    while not any(0 < path.stat().st_size < size for path in partial.glob("*")):
        assert time.monotonic() < deadline, "no kill ever hit a write"
        shutil.rmtree(partial, ignore_errors=True)
        kill_while_writing(root, size)
    info = await storage.stat(KEY)
    assert info is None or info.size == size
    assert [found.key async for found in storage.list("")] == ([KEY] if info else [])
    shutil.rmtree(root)


def kill_while_writing(root: Path, size: int) -> None:
    writer = subprocess.Popen([sys.executable, "-c", PROGRAM, str(root), str(size), "0", "forever"])
    try:
        while not list((root / ".partial").glob("*")):
            assert writer.poll() is None
            time.sleep(0.001)
    finally:
        writer.kill()
        writer.wait()


async def test_check_sweeps_old_remains_only(storage: LocalStorage, root: Path) -> None:
    await storage.check()
    old, young = root / ".partial" / "old", root / ".partial" / "young"
    for path in (old, young):
        path.write_bytes(b"half")
    long_ago_s = time.time() - LEFTOVER_AGE_S - 1
    os.utime(old, (long_ago_s, long_ago_s))
    await storage.check()
    assert list((root / ".partial").iterdir()) == [young]
    assert [found async for found in storage.list("")] == []


async def test_no_empty_folders_stay(storage: LocalStorage, root: Path) -> None:
    await storage.put("staging/gen_1/a", b"a")
    await storage.put("staging/gen_1/b", b"b")
    await storage.move("staging/gen_1/a", KEY)
    assert folders(root) == [".partial", "generated", "generated/gen_1", "staging", "staging/gen_1"]
    await storage.delete("staging/gen_1/b")
    assert folders(root) == [".partial", "generated", "generated/gen_1"]
    await storage.delete(KEY)
    assert folders(root) == [".partial"]


async def test_a_folder_pruned_under_a_writer_is_made_again(storage: LocalStorage) -> None:
    async def come_and_go(name: str) -> None:
        key, target = f"staging/gen_1/{name}", f"generated/gen_1/{name}"
        for _ in range(300):
            await storage.put(key, b"x")
            await storage.move(key, target)
            assert await storage.get(target) == b"x"
            await storage.delete(target)

    await asyncio.gather(*(come_and_go(name) for name in "abcd"))
    assert [found async for found in storage.list("")] == []


async def test_listing_outlives_concurrent_deletes(storage: LocalStorage) -> None:
    keys = [f"staging/gen_{number}/item" for number in range(100)]
    await asyncio.gather(*(storage.put(key, b"x") for key in [*keys, KEY]))

    async def listed() -> list[str]:
        return [found.key async for found in storage.list("")]

    deletes = asyncio.gather(*(storage.delete(key) for key in keys))
    for found in await asyncio.gather(listed(), listed()):
        assert KEY in found
    await deletes
    assert await listed() == [KEY]


async def test_path_is_for_objects_only(storage: LocalStorage, root: Path) -> None:
    await storage.put(KEY, b"x")
    assert storage.path(KEY) == root / KEY
    for missing in ("generated/gen_1", "generated/gen_1/other.png", f"{KEY}/deeper"):
        with pytest.raises(ObjectMissing):
            storage.path(missing)


def block(root: Path) -> None:
    root.parent.mkdir(parents=True)
    root.write_bytes(b"not a folder")


async def test_a_root_that_is_no_folder(storage: LocalStorage, root: Path) -> None:
    block(root)
    for attempt in (storage.put(KEY, b"x"), storage.check()):
        with pytest.raises(StorageUnavailable):
            await attempt


async def test_a_disk_in_trouble_is_no_missing_object(storage: LocalStorage, root: Path) -> None:
    """Or whoever needs the object would give up what only has to wait."""
    await storage.put(KEY, b"x")
    with out_of_order(root):
        for attempt in (storage.get(KEY), storage.stat(KEY), storage.put(KEY, b"y")):
            with pytest.raises(StorageUnavailable):
                await attempt
        with pytest.raises(StorageUnavailable):
            storage.path(KEY)
    assert storage.path(KEY).read_bytes() == b"x"
