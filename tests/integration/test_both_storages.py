"""The same order into a folder and into an S3 server: the same pictures, files and sizes, byte for byte."""

import hashlib
from io import BytesIO
from typing import Any

import httpx
from PIL import Image
from temporalio.client import Client

from adapters.storage.factory import open_storage
from imaging.formats import FORMATS
from schema.settings import Settings
from tests.integration.front_door import Customer
from tests.integration.shop import Shop
from tests.servers.http import api_served
from tests.servers.seaweed import S3Endpoint
from tests.servers.storage import s3_settings
from tests.servers.storage import settings as storage_settings
from workflows import worker

S3 = {"storage_mode", "s3_endpoint", "s3_bucket", "s3_access_key", "s3_secret_key"}
SMALL = ["instagram_story", "facebook_post", "shopee_product", "web", "original"]


async def delivered(shop: Shop, settings: Settings, temporal: Client) -> list[dict[str, Any]]:
    """One order of three poses, each URL of its results downloaded and named by its hash."""
    storage = open_storage(settings)
    await storage.check()
    await storage.close()
    async with worker.serving(settings, temporal), api_served(settings) as url:
        ann = Customer.of(settings, url, "ann")
        async with ann.http, httpx.AsyncClient() as browser:
            generation = await ann.start(await shop.poses(3), outputFormats=SMALL)
            await ann.finished(generation)
            results = (await ann.get(f"/generations/{generation}/results"))["results"]
            return [await _files(browser, item) for item in results]


async def _files(browser: httpx.AsyncClient, item: dict[str, Any]) -> dict[str, Any]:
    urls = {name: made["url"] for name, made in item["exports"].items()}
    urls |= {"picture": item["outputImageUrl"], "thumbnail": item["thumbnailUrl"]}
    return {name: _facts(await browser.get(url)) for name, url in urls.items()}


def _facts(reply: httpx.Response) -> dict[str, Any]:
    assert reply.status_code == 200, reply.text
    picture = Image.open(BytesIO(reply.content))
    return {
        "type": reply.headers["content-type"],
        "format": picture.format,
        "size": picture.size,
        "sha256": hashlib.sha256(reply.content).hexdigest(),
    }


async def test_local_and_s3_give_the_same_results(
    shop: Shop, settings: Settings, temporal: Client, s3_server: S3Endpoint
) -> None:
    on_s3 = storage_settings(s3_settings(s3_server)).model_dump(include=S3)
    locally = await delivered(shop, settings, temporal)
    remotely = await delivered(shop, settings.model_copy(update=on_s3), temporal)
    assert locally == remotely
    assert [sorted(files) for files in locally] == [sorted([*SMALL, "picture", "thumbnail"])] * 3
    for files in locally:
        for name in ("instagram_story", "facebook_post", "shopee_product"):
            assert files[name]["size"] == (FORMATS[name].width, FORMATS[name].height)
    await shop.books_agree()
