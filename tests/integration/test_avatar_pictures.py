"""An avatar's picture reaches the provider and is seen in what it makes, in both storages."""

from collections.abc import AsyncIterator
from io import BytesIO
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image
from temporalio.client import Client

from adapters.storage.factory import open_storage
from schema import keys
from schema.settings import Settings
from tests.integration.front_door import Customer
from tests.integration.shop import Shop
from tests.integration.test_both_storages import S3
from tests.servers.http import api_served
from tests.servers.seaweed import S3Endpoint
from tests.servers.storage import s3_settings
from tests.servers.storage import settings as storage_settings
from workflows import worker

GREEN = (20, 170, 60)


def portrait(colour: tuple[int, int, int] = GREEN) -> bytes:
    out = BytesIO()
    Image.new("RGB", (300, 400), colour).save(out, "PNG")
    return out.getvalue()


async def uploaded(customer: Customer, data: bytes) -> str:
    reply = await customer.ask("POST", "/uploads", files={"file": ("me.png", data)})
    assert reply.status_code == 201, reply.text
    return str(reply.json()["upload"]["id"])


async def made(customer: Customer, kind: str, **fields: Any) -> str:
    reply = await customer.ask("POST", f"/{kind}s", json=fields)
    assert reply.status_code == 201, reply.text
    return str(reply.json()[kind]["id"])


async def results(customer: Customer, poses: list[str], **order: Any) -> list[dict[str, Any]]:
    generation = await customer.start(poses, **order)
    assert (await customer.finished(generation))["failed"] == 0
    found: list[dict[str, Any]] = (await customer.get(f"/generations/{generation}/results"))["results"]
    return found


async def is_green(item: dict[str, Any]) -> bool:
    """No studio and no clay of the simulator is: only somebody who wears it."""
    async with httpx.AsyncClient() as browser:
        reply = await browser.get(item["outputImageUrl"])
    red, green, blue = np.moveaxis(np.asarray(Image.open(BytesIO(reply.content)).convert("RGB"), float), 2, 0)
    return bool((green > 1.5 * np.maximum(red, blue)).mean() > 0.03)


@pytest.fixture(params=["local", "s3"])
def anywhere(request: pytest.FixtureRequest, settings: Settings) -> Settings:
    if request.param == "local":
        return settings
    server: S3Endpoint = request.getfixturevalue("s3_server")
    return settings.model_copy(update=storage_settings(s3_settings(server)).model_dump(include=S3))


@pytest.fixture
async def ann(shop: Shop, anywhere: Settings, temporal: Client) -> AsyncIterator[Customer]:
    storage = open_storage(anywhere)
    await storage.check()
    await storage.close()
    async with worker.serving(anywhere, temporal), api_served(anywhere) as url:
        customer = Customer.of(anywhere, url, "ann")
        async with customer.http:
            yield customer


async def test_who_is_on_the_picture_is_in_the_pictures(ann: Customer, shop: Shop) -> None:
    upload = await uploaded(ann, portrait())
    traits = {"gender": "female", "ageRange": "25-34", "ethnicity": "Javanese", "bodyType": "slim"}
    faced = await made(ann, "avatar", name="Green", imageUrl=upload, **traits)
    plain = await made(ann, "avatar", name="Plain", gender="male")
    project = await made(ann, "project", projectName="Green", avatarSource="UPLOAD", avatarImageUrl=upload)
    poses = await shop.poses(2)
    of_avatar = await results(ann, poses, avatarId=faced)
    of_project = await results(ann, poses, projectId=project)
    of_nobody = await results(ann, poses, avatarId=plain)
    assert [await is_green(item) for item in of_avatar + of_project] == [True] * 4
    assert [await is_green(item) for item in of_nobody] == [False] * 2
    words = "a Javanese woman about 30 years old with a slim build, "
    assert all(item["promptUsed"].startswith(words) for item in of_avatar)
    assert all(item["promptUsed"].startswith("a person, ") for item in of_project)
    assert all(item["promptUsed"].startswith("a man, ") for item in of_nobody)
    log = (await shop.sim.get("/_sim/log")).json()
    assert sum(job["dressed_as"] is not None for job in log) == 4
    assert (await ann.get(f"/avatars/{faced}"))["avatar"]["usageCount"] == 1
    await shop.books_agree()


async def test_deleting_the_avatar_does_not_undress_what_is_under_way(ann: Customer, shop: Shop) -> None:
    upload = await uploaded(ann, portrait())
    avatar = await made(ann, "avatar", name="Green", imageUrl=upload)
    generation = await ann.start(await shop.poses(3), avatarId=avatar)
    assert (await ann.ask("DELETE", f"/avatars/{avatar}")).status_code == 204
    refused = await ann.ask("DELETE", f"/uploads/{upload}")
    assert refused.status_code == 409, refused.text
    assert (await ann.finished(generation))["failed"] == 0
    items = (await ann.get(f"/generations/{generation}/results"))["results"]
    assert [await is_green(item) for item in items] == [True] * 3
    assert (await ann.ask("DELETE", f"/uploads/{upload}")).status_code == 204
    assert (await ann.get(f"/generations/{generation}"))["generation"]["avatarId"] is None


async def test_a_picture_that_storage_has_lost_ends_the_items_and_costs_nothing(
    ann: Customer, shop: Shop, anywhere: Settings
) -> None:
    upload = await uploaded(ann, portrait())
    avatar = await made(ann, "avatar", name="Green", imageUrl=upload)
    storage = open_storage(anywhere)
    await storage.delete(keys.upload("ann", upload))
    await storage.close()
    before = (await ann.get("/credits"))["balance"]
    generation = await ann.start(await shop.poses(2), avatarId=avatar)
    end = await ann.finished(generation)
    assert (end["errorCode"], end["creditRefunded"]) == ("INTERNAL", 60)
    assert (await ann.get("/credits"))["balance"] == before
    assert await shop.submissions() == []
    await shop.books_agree()
