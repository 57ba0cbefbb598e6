"""From a folder to a real S3 server: all of it, to the byte, however often it is begun."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.storage import Storage
from adapters.storage.factory import open_storage
from adapters.storage.local import LocalStorage
from adapters.storage.migration import Migrated, migrate
from cli.exit import Exit
from schema.errors import StorageUnavailable
from tests.servers.seaweed import S3Endpoint
from tests.servers.storage import local_settings, s3_settings, settings

FILES = {f"generated/gen_1/item_{n:02}.png": bytes([n]) * (n * 1000) for n in range(30)} | {
    "uploads/ann/cap.webp": b"a cap",
    "staging/gen_2/half": b"on its way",
}


@pytest.fixture
async def folder(tmp_path: Path) -> AsyncIterator[Storage]:
    storage = open_storage(settings(local_settings(tmp_path)))
    for key, data in FILES.items():
        await storage.put(key, data)
    yield storage
    await storage.close()


@pytest.fixture
def bucket_settings(s3_server: S3Endpoint) -> dict[str, str]:
    return s3_settings(s3_server)


@pytest.fixture
async def bucket(bucket_settings: dict[str, str]) -> AsyncIterator[Storage]:
    storage = open_storage(settings(bucket_settings))
    yield storage
    await storage.close()


async def test_all_is_there_to_the_byte_and_again_nothing_is_copied(folder: Storage, bucket: Storage) -> None:
    told: list[int] = []
    first = await migrate(folder, bucket, lambda done: told.append(done.objects))
    assert first == Migrated(len(FILES), len(FILES), sum(map(len, FILES.values())))
    assert told == list(range(1, len(FILES) + 1))
    assert {info.key: await bucket.get(info.key) async for info in bucket.list("")} == FILES
    again = await migrate(folder, bucket, lambda _: None)
    assert (again.objects, again.copied) == (len(FILES), 0)


async def test_what_was_cut_short_or_spoiled_is_brought_again(folder: Storage, bucket: Storage) -> None:
    await migrate(folder, bucket, lambda _: None)
    cut, spoiled = "generated/gen_1/item_29.png", "uploads/ann/cap.webp"
    await bucket.put(cut, FILES[cut][:100])
    await bucket.put(spoiled, b"A cap")
    assert (await migrate(folder, bucket, lambda _: None)).copied == 2
    assert [await bucket.get(key) for key in (cut, spoiled)] == [FILES[cut], FILES[spoiled]]


async def test_a_storage_that_returns_something_else_is_told(
    folder: Storage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    liar = open_storage(settings(local_settings(tmp_path / "liar")))
    assert isinstance(liar, LocalStorage)

    async def get(_self: Storage, _key: str) -> bytes:
        return b"something else"

    monkeypatch.setattr(liar, "get", get.__get__(liar))
    with pytest.raises(StorageUnavailable, match="came back from the new storage as something else"):
        await migrate(folder, liar, lambda _: None)


async def test_the_command(
    folder: Storage, bucket: Storage, bucket_settings: dict[str, str], tmp_path: Path
) -> None:
    given = {name.upper(): str(value) for name, value in bucket_settings.items() if value}
    given |= {"STORAGE_MODE": "local", "STORAGE_LOCAL_PATH": local_settings(tmp_path)["storage_local_path"]}
    refused = await asyncio.to_thread(_command, given | {"S3_SECRET_KEY": "wrong"}, tmp_path)
    assert (refused.returncode, refused.stdout) == (Exit.FAILURE, "")
    assert "Traceback" not in refused.stderr
    done = await asyncio.to_thread(_command, given, tmp_path)
    assert json.loads(done.stdout)["copied"] == len(FILES), done.stderr
    assert len([info async for info in bucket.list("")]) == len(FILES)


def _command(given: dict[str, str], folder: Path) -> "subprocess.CompletedProcess[str]":
    argv = [sys.executable, "-P", "-m", "cli.main", "storage", "migrate", "--json"]
    return subprocess.run(
        argv, env=os.environ | given, cwd=folder, capture_output=True, text=True, check=False
    )
