"""Handing in pictures: what is kept, what holds on to it, and that nobody reaches another's."""

import asyncio
import hashlib

import httpx
import pytest
from PIL import Image

from api.app import PREFIX
from schema import ids
from schema.database import Database
from schema.queries import uploads
from schema.settings import Settings
from schema.tables import BackgroundChange, Generation
from schema.tables.columns import now
from tests.integration.api.conftest import Clients, gallery
from tests.integration.api.handing_in import error, hand_in, kept, looked_at, objects, picture, rows
from tests.integration.api.stand_in import StandIn


async def test_from_file_to_url_to_nothing(
    ana: httpx.AsyncClient, base_url: str, settings: Settings, database: Database
) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    data = picture(kind="JPEG", exif=exif)
    upload = await kept(ana, data, purpose="background")
    assert upload["id"].startswith("file_")
    assert (upload["purpose"], upload["width"], upload["height"]) == ("background", 90, 120)
    seen = await looked_at(upload["url"], base_url)
    assert (seen.format, seen.size) == ("JPEG", (90, 120))
    assert (await ana.get(f"/uploads/{upload['id']}")).json() == {"upload": upload}
    (row,) = await rows(database)
    assert (row.key, row.sha256) == (
        f"uploads/{hashlib.sha256(b'ana').hexdigest()[:32]}/{upload['id']}.jpg",
        hashlib.sha256(data).hexdigest(),
    )
    assert await objects(settings) == [row.key]
    assert (await ana.delete(f"/uploads/{upload['id']}")).status_code == 204
    assert (await rows(database), await objects(settings)) == ([], [])
    for answer in (await ana.get(f"/uploads/{upload['id']}"), await ana.delete(f"/uploads/{upload['id']}")):
        assert error(answer) == (404, "NOT_FOUND")


async def test_the_purpose_is_avatar_unless_said(ana: httpx.AsyncClient) -> None:
    assert (await kept(ana, picture()))["purpose"] == "avatar"


async def test_a_users_id_may_hold_anything(as_user: Clients, database: Database, settings: Settings) -> None:
    await kept(as_user("../../etc/ana bella?"), picture())
    (row,) = await rows(database)
    assert await objects(settings) == [row.key]
    assert "ana" not in row.key


async def test_the_same_bytes_are_the_same_upload(ana: httpx.AsyncClient, as_user: Clients) -> None:
    first = await kept(ana, picture())
    again = await hand_in(ana, picture())
    assert (again.status_code, again.json()["upload"]["id"]) == (200, first["id"])
    assert (await kept(ana, picture("blue")))["id"] != first["id"]
    assert (await kept(ana, picture(), purpose="background"))["id"] != first["id"]
    assert (await kept(as_user("ben"), picture()))["id"] != first["id"]


async def test_many_times_at_once_it_is_one_upload(
    ana: httpx.AsyncClient, database: Database, settings: Settings
) -> None:
    answers = await asyncio.gather(*(hand_in(ana, picture()) for _ in range(12)))
    assert {answer.json()["upload"]["id"] for answer in answers} == {answers[0].json()["upload"]["id"]}
    assert sorted(answer.status_code for answer in answers) == [200] * 11 + [201]
    (row,) = await rows(database)
    assert await objects(settings) == [row.key]


async def test_strangers_find_nothing(ana: httpx.AsyncClient, as_user: Clients) -> None:
    upload = await kept(ana, picture())
    ben = as_user("ben")
    for answer in (await ben.get(f"/uploads/{upload['id']}"), await ben.delete(f"/uploads/{upload['id']}")):
        assert error(answer) == (404, "NOT_FOUND")
    assert (await ben.get("/uploads")).json() == {"uploads": [], "nextCursor": None}
    assert (await ana.get(f"/uploads/{upload['id']}")).status_code == 200


async def test_the_list_goes_on_where_it_ended(ana: httpx.AsyncClient) -> None:
    made = [
        await kept(ana, picture(f"#0000{n}0"), purpose=purpose)
        for n, purpose in enumerate(["avatar", "background"] * 2)
    ]
    newest_first = [upload["id"] for upload in reversed(made)]
    first = (await ana.get("/uploads", params={"limit": 3})).json()
    rest = (await ana.get("/uploads", params={"limit": 3, "cursor": first["nextCursor"]})).json()
    assert [upload["id"] for upload in first["uploads"] + rest["uploads"]] == newest_first
    assert rest["nextCursor"] is None
    some = (await ana.get("/uploads", params={"purpose": "background"})).json()["uploads"]
    assert [upload["id"] for upload in some] == newest_first[::2]
    assert error(await ana.get("/uploads", params={"cursor": "x"})) == (400, "VALIDATION_ERROR")


async def test_nobody_keeps_without_end(
    ana: httpx.AsyncClient, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "MAX_KEPT", 2)
    answers = await asyncio.gather(*(hand_in(ana, picture(f"#0000{n}0")) for n in range(6)))
    assert sorted(answer.status_code for answer in answers) == [201] * 2 + [409] * 4
    assert len(await objects(settings)) == 2
    (first, _) = (await ana.get("/uploads")).json()["uploads"]
    assert (await ana.delete(f"/uploads/{first['id']}")).status_code == 204
    await kept(ana, picture("white"))
    monkeypatch.setattr(uploads, "MAX_KEPT", 100)
    monkeypatch.setattr(uploads, "MAX_KEPT_BYTES", 10)
    assert error(await hand_in(ana, picture("green"))) == (409, "CONFLICT")


async def test_a_running_generation_holds_on_to_its_background(
    ana: httpx.AsyncClient, database: Database, gateway: StandIn, project: str, poses: list[str]
) -> None:
    upload = await kept(ana, picture(), purpose="background")
    answer = await ana.post("/generate", json=gallery(project, poses, batchSize=1))
    generation = answer.json()["generationId"]
    async with database.transaction() as session:
        row = await session.get_one(Generation, generation)
        row.background = {"mode": "upload", "image": upload["id"]}
    assert error(await ana.delete(f"/uploads/{upload['id']}")) == (409, "CONFLICT")
    await gateway.settle(generation, "CANCELLED")
    assert (await ana.delete(f"/uploads/{upload['id']}")).status_code == 204


async def test_a_change_of_a_background_holds_on_to_it_too(
    ana: httpx.AsyncClient, database: Database, gateway: StandIn, project: str, poses: list[str]
) -> None:
    upload = await kept(ana, picture(), purpose="background")
    generation = (await ana.post("/generate", json=gallery(project, poses, batchSize=1))).json()[
        "generationId"
    ]
    await gateway.deliver(generation, 0)
    await gateway.settle(generation, "CANCELLED")
    item = ids.item_id(generation, 0)
    change = BackgroundChange(
        id="bgc_1",
        user_id="ana",
        generation_id=generation,
        item_id=item,
        background={"mode": "upload", "image": upload["id"]},
        seed=1,
        before_image_key="generated/x.png",
    )
    async with database.transaction() as session:
        session.add(change)
    assert error(await ana.delete(f"/uploads/{upload['id']}")) == (409, "CONFLICT")
    async with database.transaction() as session:
        row = await session.get_one(BackgroundChange, "bgc_1")
        row.status, row.image_key, row.ended_at = "completed", "generated/y.png", now()
    assert (await ana.delete(f"/uploads/{upload['id']}")).status_code == 204


async def test_the_document_says_how_to_hand_in(base_url: str) -> None:
    async with httpx.AsyncClient(base_url=base_url) as anyone:
        post = (await anyone.get("/openapi.json")).json()["paths"][PREFIX + "/uploads"]["post"]
    schema = post["requestBody"]["content"]["multipart/form-data"]["schema"]
    assert (schema["required"], set(schema["properties"])) == (["file"], {"file", "purpose"})
    assert {"200", "201", "400", "401", "409", "413", "415", "500", "503"} <= set(post["responses"])
