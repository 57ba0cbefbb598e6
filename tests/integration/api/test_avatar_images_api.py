"""The picture of an avatar: from an address or an upload, what is refused of it, and how long it stays."""

import asyncio

import httpx
import pytest
from sqlmodel import col, select

from adapters.intake import FETCHES_AT_ONCE
from schema import ids
from schema.database import Database
from schema.settings import Settings
from schema.tables import Avatar, Upload
from tests.eventually import until
from tests.integration.api.conftest import Clients
from tests.integration.api.handing_in import error, kept, looked_at, objects, picture
from tests.integration.api.sitters import created, site
from tests.servers.site import Site

__all__ = ["site"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"<html>", "PNG, JPEG or WebP"),
        (b"", "PNG, JPEG or WebP"),
        (picture()[:-30], "incomplete"),
        (picture(size=(8000, 5001)), "40 megapixels"),
        (picture(size=(9, 9)), "too small"),
        (picture() + b"\0" * 15 * 2**20, "larger than"),
    ],
    ids=range(6),
)
async def test_what_an_address_gives_must_be_a_picture(
    ana: httpx.AsyncClient, site: Site, settings: Settings, content: bytes, said: str
) -> None:
    answer = await ana.post("/avatars", json={"name": "Me", "imageUrl": site.show("/bad", content)})
    assert error(answer) == (400, "VALIDATION_ERROR")
    (detail,) = answer.json()["error"]["details"]
    assert detail["path"] == "imageUrl"
    assert said in detail["message"]
    assert (await ana.get("/uploads")).json()["uploads"] == []
    assert await objects(settings) == []


async def test_an_address_that_does_not_answer_well(ana: httpx.AsyncClient, site: Site) -> None:
    site.answers["/gone"] = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
    site.answers["/inside"] = b"HTTP/1.1 302 Found\r\nLocation: https://10.0.0.1/\r\n\r\n"
    for path in ("/gone", "/inside"):
        answer = await ana.post("/avatars", json={"name": "Me", "imageUrl": site.url(path)})
        assert error(answer) == (400, "VALIDATION_ERROR")
    assert (await ana.get("/avatars")).json()["avatars"] == []


async def test_a_picture_by_address_is_fetched_once_and_kept(
    ana: httpx.AsyncClient, site: Site, base_url: str, settings: Settings
) -> None:
    avatar = await created(ana, imageUrl=site.url("/me.png"))
    assert len(site.requests) == 1
    assert (await looked_at(avatar["imageUrl"], base_url)).size == (120, 90)
    (upload,) = (await ana.get("/uploads")).json()["uploads"]
    assert (upload["id"], upload["purpose"]) == (avatar["imageId"], "avatar")
    again = await created(ana, imageUrl=site.url("/me.png"))
    assert again["imageId"] == avatar["imageId"], "the same bytes are the same upload"
    assert len(await objects(settings)) == 1


async def test_a_picture_by_upload(ana: httpx.AsyncClient, base_url: str) -> None:
    upload = await kept(ana, picture("blue"))
    avatar = await created(ana, imageUrl=upload["id"])
    assert (avatar["imageId"], avatar["imageUrl"]) == (upload["id"], upload["url"])
    path = f"/avatars/{avatar['id']}"
    shown = (await ana.put(path, json={"name": "x", "imageUrl": avatar["imageUrl"]})).json()["avatar"]
    assert shown["imageId"] == upload["id"], "what was shown may be sent back"
    assert (await ana.put(path, json={"imageUrl": None})).json()["avatar"]["imageUrl"] is None
    assert error(await ana.put(path, json={"imageUrl": ids.file_id()})) == (404, "NOT_FOUND")


async def test_a_picture_in_use_is_not_deleted(ana: httpx.AsyncClient) -> None:
    upload = await kept(ana, picture())
    avatar = await created(ana, imageUrl=upload["id"])
    assert error(await ana.delete(f"/uploads/{upload['id']}")) == (409, "CONFLICT")
    await ana.delete(f"/avatars/{avatar['id']}")
    assert (await ana.delete(f"/uploads/{upload['id']}")).status_code == 204


async def test_deleting_a_picture_while_it_is_taken_into_use(
    ana: httpx.AsyncClient, database: Database
) -> None:
    """Either it is in use and stays, or it is gone and was not to be had."""
    avatar = await created(ana)
    for n in range(8):
        upload = await kept(ana, picture(f"#00{n}000"))
        change, deletion = await asyncio.gather(
            ana.put(f"/avatars/{avatar['id']}", json={"imageUrl": upload["id"]}),
            ana.delete(f"/uploads/{upload['id']}"),
        )
        assert (change.status_code, deletion.status_code) in ((200, 409), (404, 204))
    async with database.transaction() as session:
        dangling = select(Avatar.id).where(
            col(Avatar.image_id).is_not(None), col(Avatar.image_id).not_in(select(Upload.id))
        )
        assert (await session.exec(dangling)).all() == []


async def test_few_pictures_are_fetched_at_once_for_one_user(
    ana: httpx.AsyncClient, as_user: Clients, site: Site
) -> None:
    enough = asyncio.Event()

    async def slow(writer: asyncio.StreamWriter, _: str) -> None:
        await enough.wait()
        writer.write(site.answers["/me.png"])

    site.handlers["/slow.png"] = slow
    wanted = {"name": "Me", "imageUrl": site.url("/slow.png")}
    waiting = [asyncio.create_task(ana.post("/avatars", json=wanted)) for _ in range(FETCHES_AT_ONCE)]
    await until(lambda: site.open == FETCHES_AT_ONCE)
    refused = await ana.post("/avatars", json=wanted)
    assert error(refused) == (429, "RATE_LIMITED")
    assert int(refused.headers["Retry-After"]) > 0
    await created(as_user("ben"), imageUrl=site.url("/me.png"))
    enough.set()
    assert {(await answer).status_code for answer in waiting} == {201}
    await created(ana, imageUrl=site.url("/me.png"))
