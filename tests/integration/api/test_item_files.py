"""Exports made again and single downloads, in a folder and in a bucket."""

import asyncio
from io import BytesIO
from typing import Any

import httpx
import pytest
from PIL import Image

from api import item_files
from imaging.formats import FORMATS
from tests.integration.api.conftest import BOTH_STORAGES, Clients
from tests.integration.api.darkroom import Darkroom

pytestmark = BOTH_STORAGES


@pytest.fixture
async def delivered(darkroom: Darkroom, poses: list[str]) -> str:
    """A generation of three pictures: the first delivered, the second failed, the third not made yet."""
    generation = await darkroom.order(poses, outputFormats=["tiktok"])
    await darkroom.deliver(generation, [0], "tiktok")
    await darkroom.gateway.fail(generation, 1)
    return generation


async def again(client: httpx.AsyncClient, item_id: str, name: str) -> dict[str, Any]:
    answer = await client.post(f"/poses/{item_id}/regenerate-export", json={"formatName": name})
    assert answer.status_code == 200, answer.text
    pose: dict[str, Any] = answer.json()["pose"]
    return pose


async def objects(darkroom: Darkroom) -> list[str]:
    return sorted([info.key async for info in darkroom.storage.list("exports/")])


async def test_any_format_can_be_made_afterwards(darkroom: Darkroom, delivered: str) -> None:
    item = await darkroom.item(delivered)
    pose = await again(darkroom.client, item.id, "shopee")
    assert set(pose["exports"]) == {"tiktok", "shopee_product"}
    export = pose["exports"]["shopee_product"]
    got = await darkroom.open(export["url"])
    assert (got.status_code, len(got.content)) == (200, export["bytes"])
    picture = Image.open(BytesIO(got.content))
    assert (picture.size, picture.format) == ((1000, 1000), "JPEG")
    seen = (await darkroom.client.get(f"/poses/{item.id}")).json()["pose"]
    assert seen["exports"].keys() == pose["exports"].keys()


async def test_each_known_format_can_be_made(darkroom: Darkroom, delivered: str) -> None:
    item = await darkroom.item(delivered)
    for name, format_ in FORMATS.items():
        made = (await again(darkroom.client, item.id, name))["exports"][name]
        got = await darkroom.open(made["url"])
        assert (got.status_code, got.headers["Content-Type"]) == (200, format_.media_type)


async def test_the_same_content_keeps_its_address_and_is_there_again(
    darkroom: Darkroom, delivered: str
) -> None:
    item = await darkroom.item(delivered)
    key = item.exports["tiktok"]["key"]
    await darkroom.storage.delete(key)
    results = await asyncio.gather(*(again(darkroom.client, item.id, "tiktok") for _ in range(3)))
    assert (await darkroom.item(delivered)).exports == item.exports
    assert await objects(darkroom) == [key]
    assert (await darkroom.open(results[0]["exports"]["tiktok"]["url"])).status_code == 200


async def test_other_content_gets_another_address(darkroom: Darkroom, delivered: str) -> None:
    item = await darkroom.item(delivered)
    await darkroom.replace_picture(item, 99)
    before, old = item.exports["tiktok"], await darkroom.storage.get(item.exports["tiktok"]["key"])
    after = (await again(darkroom.client, item.id, "tiktok"))["exports"]["tiktok"]
    assert after["sha256"] != before["sha256"]
    assert len(await objects(darkroom)) == 2
    assert await darkroom.storage.get(before["key"]) == old, "who has cached it sees what it was"
    assert (await darkroom.open(after["url"])).content != old


async def test_refusals(darkroom: Darkroom, as_user: Clients, delivered: str) -> None:
    item, failed = [item.id for item in await darkroom.items(delivered)]
    ben = as_user("ben")
    for action in ("regenerate-export", "download"):
        for client, item_id, name, status in (
            (ben, item, "tiktok", 404),
            (darkroom.client, "item_nowhere", "tiktok", 404),
            (darkroom.client, failed, "tiktok", 409),
            (darkroom.client, item, "polaroid", 400),
            (darkroom.client, item, "", 400),
            (darkroom.client, item, "x" * 65, 400),
        ):
            answer = await client.post(f"/poses/{item_id}/{action}", json={"formatName": name})
            assert answer.status_code == status, (action, item_id, name, answer.text)
    assert (await darkroom.item(delivered)).download_count == 0


async def test_a_picture_that_is_gone_or_broken(darkroom: Darkroom, delivered: str) -> None:
    item = await darkroom.item(delivered)
    assert item.image_key
    await darkroom.storage.put(item.image_key, b"no picture")
    broken = await darkroom.client.post(f"/poses/{item.id}/regenerate-export", json={"formatName": "web"})
    await darkroom.storage.delete(item.image_key)
    gone = await darkroom.client.post(f"/poses/{item.id}/regenerate-export", json={"formatName": "web"})
    for answer in (broken, gone):
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "CONFLICT")
    assert (await darkroom.item(delivered)).exports == item.exports


async def test_a_download_has_a_good_name_and_counts(darkroom: Darkroom, delivered: str) -> None:
    item = await darkroom.item(delivered)
    path = f"/poses/{item.id}/download"
    plain = (await darkroom.client.post(path)).json()
    assert (plain["fileName"], plain["downloadCount"]) == ("000_arms-crossed_original.png", 1)
    chosen = (await darkroom.client.post(path, json={"formatName": "shopee"})).json()
    assert (chosen["fileName"], chosen["downloadCount"]) == ("000_arms-crossed_shopee_product.jpg", 2)
    for answer, form in ((plain, "PNG"), (chosen, "JPEG")):
        got = await darkroom.open(answer["url"])
        assert got.headers["Content-Disposition"] == f'attachment; filename="{answer["fileName"]}"'
        assert Image.open(BytesIO(got.content)).format == form
    assert (await darkroom.client.get(f"/poses/{item.id}")).json()["pose"]["downloadCount"] == 2


async def test_downloads_at_once_all_count(darkroom: Darkroom, delivered: str) -> None:
    item = await darkroom.item(delivered)
    answers = await asyncio.gather(*(darkroom.client.post(f"/poses/{item.id}/download") for _ in range(20)))
    assert sorted(answer.json()["downloadCount"] for answer in answers) == list(range(1, 21))
    assert (await darkroom.item(delivered)).download_count == 20


class TestWithOthers:
    """Limits are taken when the API starts."""

    @pytest.fixture(autouse=True)
    def _no_slots(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(item_files, "PER_USER", 0)

    async def test_too_many_at_once_are_told_to_come_again(self, darkroom: Darkroom, delivered: str) -> None:
        item = await darkroom.item(delivered)
        answer = await darkroom.client.post(f"/poses/{item.id}/regenerate-export", json={"formatName": "web"})
        assert (answer.status_code, answer.json()["error"]["code"]) == (429, "RATE_LIMITED")
        assert answer.headers["Retry-After"] == "10"
        assert (await darkroom.client.post(f"/poses/{item.id}/download")).status_code == 200, (
            "nothing to make"
        )
