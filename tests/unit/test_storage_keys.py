"""No name that a stranger could think of leads outside: refused before anything is touched."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from adapters.storage import BadKey, Storage, check_key, check_prefix
from adapters.storage.factory import open_storage
from schema import keys
from schema.settings import Settings

KEY = "generated/gen_1/item_1.png"
BAD_KEYS = (
    "",
    "/",
    "/etc/passwd",
    "..",
    "../x.png",
    "a/../b.png",
    "a/..",
    "a//b.png",
    "a/./b.png",
    "a/",
    "./a.png",
    ".partial/a",
    "a/.hidden",
    "-rf",
    "a\\b.png",
    "..\\x",
    "C:/x.png",
    "a b.png",
    "a%2e%2e/b",
    "a\x00.png",
    "a\n.png",
    "a.png\n",
    "é.png",
    "a?b",
    "a#b",
    "~root/a",
    "x" * 201,
    "a/" * 300 + "b",
)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    assert list(tmp_path.iterdir()) == []


@pytest.fixture(params=["local", "s3"])
async def storage(request: pytest.FixtureRequest, folder: Path) -> AsyncIterator[Storage]:
    """Nothing answers at that S3 address: a refusal can only come from us."""
    values: dict[str, Any] = {
        "storage_mode": request.param,
        "storage_local_path": folder / "files",
        "s3_endpoint": "http://127.0.0.1:1",
        "s3_access_key": "access",
        "s3_secret_key": "secret",
    }
    storage = open_storage(Settings(_env_file=None, **values))
    yield storage
    await storage.close()


@pytest.mark.parametrize("key", BAD_KEYS, ids=ascii)
async def test_bad_keys_are_refused_everywhere(storage: Storage, key: str) -> None:
    for attempt in (
        storage.put(key, b""),
        storage.get(key),
        storage.stat(key),
        storage.delete(key),
        storage.move(key, KEY),
        storage.move(KEY, key),
    ):
        with pytest.raises(BadKey):
            await attempt
    for sign_or_stream in (storage.url, storage.stream):
        with pytest.raises(BadKey):
            sign_or_stream(key)


@pytest.mark.parametrize("prefix", ["../", "/", "a/../", ".partial/", "a//", "a/*", "a\n"], ids=ascii)
async def test_bad_prefixes_are_refused(storage: Storage, prefix: str) -> None:
    with pytest.raises(BadKey):
        [info async for info in storage.list(prefix)]


@pytest.mark.parametrize(
    "key",
    [
        keys.picture("gen_01j", "item_01j_000"),
        keys.thumbnail("gen_01j", "item_01j_000"),
        keys.export("gen_01j", "item_01j_000", "instagram_story", "0123456789abcdef", "jpg"),
        keys.controlnet_map((None,) * 18, 1024, 1024),
        keys.library_picture("preview", (None,) * 18, 512),
        keys.staged("gen_01j", "item_01j_000", 7),
        "_/x..y-z_.png",
        "x" * 200,
    ],
)
def test_our_own_keys_are_fine(key: str) -> None:
    assert check_key(key) == key
    assert check_prefix(f"{key}/") == f"{key}/"


def test_an_outline_is_the_generation_s_whose_picture_it_is_of_and_lasts_as_long() -> None:
    of_staged = keys.matte(keys.staged("gen_01j", "item_01j_000", 7), b"picture")
    assert keys.owner(of_staged) == "gen_01j"
    assert keys.is_whole(of_staged)
    assert keys.matte(keys.picture("gen_01j", "item_01j_000"), b"picture") == of_staged
    assert keys.owner(keys.composed("bg_01j")) == "bg_01j"
