"""The ZIP of a generation: what is in it, what is not and why, in a folder and in a bucket."""

import asyncio
import hashlib
import json
import re
from io import BytesIO
from typing import Any
from zipfile import ZIP_STORED, ZipFile

import httpx
import pytest

from schema import ids
from tests.integration.api.conftest import BOTH_STORAGES, Clients
from tests.integration.api.darkroom import Darkroom
from tests.orders import sql

pytestmark = BOTH_STORAGES


class Got:
    """A download, opened."""

    def __init__(self, answer: httpx.Response) -> None:
        assert answer.status_code == 200, answer.text
        self.headers = answer.headers
        self.size = len(answer.content)
        with ZipFile(BytesIO(answer.content)) as opened:
            assert opened.testzip() is None
            assert {info.compress_type for info in opened.infolist()} == {ZIP_STORED}
            self.files = {name: opened.read(name) for name in opened.namelist()}
        self.manifest: dict[str, Any] = json.loads(self.files.pop("manifest.json"))
        said = {file["name"]: (file["size"], file["sha256"]) for file in self.manifest["files"]}
        assert said == {
            name: (len(data), hashlib.sha256(data).hexdigest()) for name, data in self.files.items()
        }

    @property
    def missing(self) -> list[tuple[int, str | None, str]]:
        assert all(gone["reason"] for gone in self.manifest["missing"])
        return [(gone["index"], gone["format"], gone["code"]) for gone in self.manifest["missing"]]


async def zip_of(darkroom: Darkroom, generation: str, **query: str) -> Got:
    return Got(await darkroom.client.get(f"/generations/{generation}/export-zip", params=query))


async def refused(client: httpx.AsyncClient, generation: str, **query: str) -> tuple[int, str]:
    answer = await client.get(f"/generations/{generation}/export-zip", params=query)
    return answer.status_code, answer.json()["error"]["code"]


async def objects(darkroom: Darkroom, generation: str) -> dict[str, bytes]:
    keys = [info.key async for info in darkroom.storage.list(f"exports/{generation}/")]
    return {key: await darkroom.storage.get(key) for key in keys}


@pytest.fixture
async def generation(darkroom: Darkroom, poses: list[str]) -> str:
    """Three pictures with the two formats that were ordered; settled."""
    order = {"outputFormats": ["tiktok", "shopee"], "prompt": "in a batik shirt", "seed": 7}
    generation = await darkroom.order(poses, **order)
    await darkroom.deliver(generation, range(3), "tiktok", "shopee_product")
    await darkroom.gateway.settle(generation)
    return generation


async def test_it_holds_what_was_ordered_and_the_originals(darkroom: Darkroom, generation: str) -> None:
    got = await zip_of(darkroom, generation)
    items = await darkroom.items(generation)
    expected = {
        f"{item.index:03d}_{slug}_{name}": await darkroom.storage.get(key)
        for item, slug in zip(items, ("arms-crossed", "leaning-on-a-wall", "sitting-on-a-chair"), strict=True)
        for name, key in (
            ("tiktok.jpg", item.exports["tiktok"]["key"]),
            ("shopee_product.jpg", item.exports["shopee_product"]["key"]),
            ("original.png", str(item.image_key)),
        )
    }
    assert got.files == expected
    assert got.missing == []
    assert got.headers["Content-Type"] == "application/zip"
    assert got.headers["Content-Disposition"] == f'attachment; filename="poses_{generation}.zip"'
    assert int(got.headers["Content-Length"]) == got.size
    assert got.headers["Cache-Control"] == "no-store"


async def test_the_manifest_says_how_each_picture_was_made(darkroom: Darkroom, generation: str) -> None:
    manifest = (await zip_of(darkroom, generation, items="1", formats="tiktok")).manifest
    told = manifest["generation"]
    assert (told["id"], told["status"], told["seed"]) == (generation, "completed", 7)
    assert (told["prompt"], told["outputFormats"]) == ("in a batik shirt", ["tiktok", "shopee_product"])
    item = await darkroom.item(generation, 1)
    [file] = manifest["files"]
    assert file == {
        "name": "001_leaning-on-a-wall_tiktok.jpg",
        "itemId": item.id,
        "index": 1,
        "poseId": "pose_lean",
        "poseName": "Leaning on a wall",
        "format": "tiktok",
        "seed": item.seed_used,
        "prompt": "a prompt",
        "provider": "fal",
        "model": "flux",
        "size": item.exports["tiktok"]["bytes"],
        "mediaType": "image/jpeg",
        "sha256": item.exports["tiktok"]["sha256"],
    }


async def test_formats_and_items_can_be_chosen(darkroom: Darkroom, generation: str) -> None:
    for query, names in (
        ({"items": "0-1", "formats": "shopee"}, {"000", "001"}),
        ({"items": "2", "formats": "shopee_product, shopee"}, {"002"}),
        ({"items": "0,2, 1-2", "formats": "shopee"}, {"000", "001", "002"}),
    ):
        got = await zip_of(darkroom, generation, **query)
        assert {name[:3] for name in got.files} == names
        assert {file["format"] for file in got.manifest["files"]} == {"shopee_product"}


@pytest.mark.parametrize(
    "evil", ["../../etc/cron.d/x", "..\\..\\x", "C:\\x", "/etc/passwd", "..", "\u202egpj.exe"]
)
async def test_no_pose_name_leads_out_of_the_folder(darkroom: Darkroom, poses: list[str], evil: str) -> None:
    await sql(
        darkroom.database, "UPDATE pose_library SET name = :name WHERE id = :id", name=evil, id=poses[0]
    )
    generation = await darkroom.order(poses[:1])
    await darkroom.deliver(generation, [0], "web")
    got = await zip_of(darkroom, generation, formats="web,original")
    assert len(got.files) == 2
    assert [name for name in got.files if not re.fullmatch(r"000_[a-z0-9-]+_[a-z]+\.(webp|png)", name)] == []


async def test_bad_wishes(darkroom: Darkroom, generation: str) -> None:
    for query in (
        {"formats": "polaroid"},
        {"formats": "tiktok,../../etc/passwd"},
        {"items": "3"},
        {"items": "0-99"},
        {"items": "2-1"},
        {"items": "-1"},
        {"items": "a"},
        {"items": "1;2"},
        {"items": "٣"},
        {"items": "0" * 2001},
    ):
        assert await refused(darkroom.client, generation, **query) == (400, "VALIDATION_ERROR"), query


async def test_missing_exports_are_made_on_the_way_and_stay(darkroom: Darkroom, generation: str) -> None:
    lost = (await darkroom.item(generation, 1)).exports["tiktok"]["key"]
    await darkroom.storage.delete(lost)
    first = await zip_of(darkroom, generation, formats="web,tiktok")
    assert len(first.files) == 6
    assert first.missing == []
    assert "Content-Length" not in first.headers, "nobody can know it yet"
    assert lost in await objects(darkroom, generation)
    assert all(set(item.exports) >= {"web", "tiktok"} for item in await darkroom.items(generation))
    second = await zip_of(darkroom, generation, formats="web,tiktok")
    assert second.files == first.files
    assert int(second.headers["Content-Length"]) == second.size


async def test_what_is_gone_or_broken_is_listed_and_breaks_nothing(
    darkroom: Darkroom, generation: str
) -> None:
    gone, broken, _ = await darkroom.items(generation)
    assert gone.image_key
    assert broken.image_key
    await darkroom.storage.delete(gone.image_key)
    await darkroom.storage.delete(gone.exports["tiktok"]["key"])
    await darkroom.storage.put(broken.image_key, b"no picture")
    got = await zip_of(darkroom, generation, formats="tiktok,web,original")
    assert got.missing == [
        (0, "tiktok", "GONE"),
        (0, "web", "GONE"),
        (0, "original", "GONE"),
        (1, "web", "BAD_IMAGE"),
    ]
    assert sorted(got.files) == [
        "001_leaning-on-a-wall_original.png",
        "001_leaning-on-a-wall_tiktok.jpg",
        "002_sitting-on-a-chair_original.png",
        "002_sitting-on-a-chair_tiktok.jpg",
        "002_sitting-on-a-chair_web.webp",
    ]


async def test_a_replaced_picture_elsewhere_is_found(darkroom: Darkroom, generation: str) -> None:
    item = await darkroom.item(generation)
    await darkroom.replace_picture(item, 99)
    changed = await darkroom.item(generation)
    assert changed.image_key
    got = await zip_of(darkroom, generation, formats="original", items="0")
    assert list(got.files.values()) == [await darkroom.storage.get(changed.image_key)]


async def test_what_was_not_delivered_is_listed(darkroom: Darkroom, poses: list[str]) -> None:
    generation = await darkroom.order(poses)
    assert await refused(darkroom.client, generation) == (409, "CONFLICT")
    await darkroom.deliver(generation, [1])
    await darkroom.gateway.fail(generation, 0)
    running = await zip_of(darkroom, generation)
    assert list(running.files) == ["001_leaning-on-a-wall_original.png"]
    assert running.missing == [(0, None, "PROVIDER_REJECTED"), (2, None, "PENDING")]
    assert [gone["itemId"] for gone in running.manifest["missing"]] == [
        ids.item_id(generation, index) for index in (0, 2)
    ]
    assert await refused(darkroom.client, generation, items="0,2") == (409, "CONFLICT")
    await darkroom.gateway.settle(generation, "CANCELLED")
    over = await zip_of(darkroom, generation)
    assert over.missing == [(0, None, "PROVIDER_REJECTED"), (2, None, "CANCELLED")]
    assert over.manifest["generation"]["status"] == "cancelled"


async def test_strangers_find_nothing(darkroom: Darkroom, as_user: Clients, generation: str) -> None:
    ben = as_user("ben")
    assert await refused(ben, generation) == (404, "NOT_FOUND")
    assert await refused(darkroom.client, "gen_nowhere") == (404, "NOT_FOUND")
    assert (await ben.post(f"/generations/{generation}/export-zip/ticket")).status_code == 404


async def test_a_ticket_opens_this_zip_only(
    darkroom: Darkroom, base_url: str, generation: str, poses: list[str]
) -> None:
    client, path = darkroom.client, f"generations/{generation}/export-zip"
    given = (await client.post(f"{path}/ticket")).json()
    assert given["expiresIn"] == 60
    other = await darkroom.order(poses)
    follow = (await client.post(f"/generations/{generation}/events/ticket")).json()["ticket"]
    async with httpx.AsyncClient(base_url=client.base_url) as link:
        assert (await link.get(path, params={"ticket": given["ticket"], "items": "0"})).status_code == 200
        for opened, ticket in (
            (path, None),
            (path, "nonsense"),
            (path, follow),
            (f"generations/{other}/export-zip", given["ticket"]),
            (f"generations/{generation}/events", given["ticket"]),
            ("events", given["ticket"]),
        ):
            answer = await link.get(opened, params={"ticket": ticket} if ticket else {})
            assert (answer.status_code, answer.json()["error"]["code"]) == (401, "UNAUTHENTICATED"), opened


async def test_each_download_counts_once_a_picture(darkroom: Darkroom, generation: str) -> None:
    await asyncio.gather(zip_of(darkroom, generation), zip_of(darkroom, generation, items="1-2"))
    assert [item.download_count for item in await darkroom.items(generation)] == [1, 2, 2]
