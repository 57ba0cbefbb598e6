"""Handing in pictures: what is kept, what is refused, and that nobody reaches another's."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from io import BytesIO
from typing import Any

import httpx
import pytest
from PIL import Image
from sqlmodel import col, func, select
from starlette.datastructures import UploadFile

from adapters.intake import MAX_BYTES, Intake
from adapters.public import PublicClient
from adapters.storage.factory import open_storage
from adapters.storage.local import LocalStorage
from api.app import PREFIX
from api.routes.uploads import BODY_LIMIT_BYTES
from schema import ids
from schema.database import Database
from schema.errors import StorageUnavailable
from schema.kinds import Role, UploadPurpose
from schema.queries import uploads, users
from schema.settings import Settings
from schema.tables import BackgroundChange, Generation, Upload
from schema.tables.columns import now
from tests.integration.api.conftest import Clients, gallery, token
from tests.integration.api.stand_in import StandIn
from tests.servers.seaweed import S3Endpoint
from tests.servers.storage import empty_place, local_settings, s3_settings


def picture(
    colour: str = "red", kind: str = "PNG", size: tuple[int, int] = (120, 90), **options: Any
) -> bytes:
    out = BytesIO()
    Image.new("RGB", size, colour).save(out, kind, **options)
    return out.getvalue()


async def hand_in(client: httpx.AsyncClient, data: bytes, **fields: str) -> httpx.Response:
    return await client.post("/uploads", files={"file": ("me.png", data, "image/png")}, data=fields)


async def kept(client: httpx.AsyncClient, data: bytes, **fields: str) -> dict[str, Any]:
    answer = await hand_in(client, data, **fields)
    assert answer.status_code == 201, answer.text
    return dict(answer.json()["upload"])


async def looked_at(url: str, base_url: str) -> Image.Image:
    """By the signed URL, at the port the test has."""
    async with httpx.AsyncClient(base_url=base_url) as anyone:
        answer = await anyone.get(httpx.URL(url).raw_path.decode())
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg")
    return Image.open(BytesIO(answer.content))


async def rows(database: Database) -> list[Upload]:
    async with database.transaction() as session:
        return list(await session.exec(select(Upload).order_by(col(Upload.id))))


async def objects(settings: Settings) -> list[str]:
    return sorted([info.key async for info in open_storage(settings).list("uploads/")])


def error(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


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


REFUSED: list[tuple[bytes, tuple[int, str]]] = [
    (b"", (415, "UNSUPPORTED_MEDIA_TYPE")),
    (b"<svg/>", (415, "UNSUPPORTED_MEDIA_TYPE")),
    (picture(kind="GIF"), (415, "UNSUPPORTED_MEDIA_TYPE")),
    (picture()[:-20], (400, "VALIDATION_ERROR")),
    (picture() + b"<script>", (400, "VALIDATION_ERROR")),
    (picture(size=(20, 20)), (400, "VALIDATION_ERROR")),
    (picture(size=(8000, 5001)), (413, "PAYLOAD_TOO_LARGE")),
    (b"\xff\xd8\xff" + b"\0" * (MAX_BYTES - 2), (413, "PAYLOAD_TOO_LARGE")),
]


@pytest.mark.parametrize(("data", "refusal"), REFUSED, ids=range(len(REFUSED)))
async def test_what_is_no_good_picture_is_refused_and_not_kept(
    ana: httpx.AsyncClient, database: Database, settings: Settings, data: bytes, refusal: tuple[int, str]
) -> None:
    assert error(await hand_in(ana, data)) == refusal
    assert (await rows(database), await objects(settings)) == ([], [])


async def test_the_largest_file_that_fits(ana: httpx.AsyncClient) -> None:
    data = picture()
    await kept(ana, data + b"\0" * (MAX_BYTES - len(data)))


async def test_more_than_the_limit_is_refused_while_it_comes(
    ana: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sender that will not stop is listened to, but nothing of it is kept."""
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'
    kept_bytes = 0
    write = UploadFile.write

    async def counted(file: UploadFile, data: bytes) -> None:
        nonlocal kept_bytes
        kept_bytes += len(data)
        await write(file, data)

    async def endless() -> AsyncIterator[bytes]:
        yield head
        for _ in range(256):
            yield b"\0" * 2**18

    monkeypatch.setattr(UploadFile, "write", counted)
    answer = await ana.post(
        "/uploads", content=endless(), headers={"Content-Type": "multipart/form-data; boundary=b"}
    )
    assert error(answer) == (413, "PAYLOAD_TOO_LARGE")
    assert 0 < kept_bytes <= BODY_LIMIT_BYTES


async def test_what_announces_itself_as_too_large_need_not_come(base_url: str) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", httpx.URL(base_url).port)
    head = f"POST {PREFIX}/uploads HTTP/1.1\r\nHost: x\r\nContent-Length: {BODY_LIMIT_BYTES + 1}\r\n\r\n"
    writer.write(head.encode())
    answer = await reader.readuntil(b"\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 413 ")
    writer.close()
    await writer.wait_closed()


async def test_other_addresses_keep_their_limit(ana: httpx.AsyncClient) -> None:
    for path in ("/projects", "/uploads/x", "/uploads/"):
        answer = await ana.post(path, content=b" " * (2**20 + 1))
        assert error(answer) == (413, "PAYLOAD_TOO_LARGE"), path


async def test_nothing_is_read_before_the_caller_is_known(base_url: str) -> None:
    async with httpx.AsyncClient(base_url=base_url + PREFIX) as anyone:
        for headers in ({}, {"Authorization": f"Bearer {token()}x"}):
            answer = await anyone.post("/uploads", files={"file": picture()}, headers=headers)
            assert error(answer) == (401, "UNAUTHENTICATED")


ODD: list[tuple[dict[str, Any], int, str]] = [
    ({"json": {"file": "x"}}, 415, ""),
    ({"content": picture(), "headers": {"Content-Type": "image/png"}}, 415, ""),
    ({"data": {"file": "x"}}, 415, ""),
    ({"files": {"picture": picture()}}, 400, "file"),
    ({"files": {"file": (None, "text")}}, 400, "file"),
    ({"files": [("file", picture()), ("file", picture())]}, 400, "file"),
    ({"files": {"file": picture()}, "data": {"purpose": "fun"}}, 400, "purpose"),
    ({"files": {"file": picture()}, "data": {"purpose": ""}}, 400, "purpose"),
    ({"files": {"file": picture()}, "data": {"purpose": "x" * 5000}}, 400, "file"),
    ({"files": {"file": picture()}, "data": {"purpose": "avatar", "more": "1"}}, 400, "file"),
    ({"content": b"--x", "headers": {"Content-Type": "multipart/form-data"}}, 400, "file"),
    ({"content": b"junk", "headers": {"Content-Type": "multipart/form-data; boundary=b"}}, 400, "file"),
]


@pytest.mark.parametrize(("request_", "status", "path"), ODD, ids=range(len(ODD)))
async def test_odd_requests(
    ana: httpx.AsyncClient, database: Database, request_: dict[str, Any], status: int, path: str
) -> None:
    answer = await ana.post("/uploads", **request_)
    assert answer.status_code == status, answer.text
    if path:
        assert [detail["path"] for detail in answer.json()["error"]["details"]] == [path]
    assert await rows(database) == []


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


async def test_storage_that_is_away_says_so_and_leaves_no_row(
    ana: httpx.AsyncClient, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> None:
        raise StorageUnavailable("away")

    monkeypatch.setattr(LocalStorage, "put", away)
    assert error(await hand_in(ana, picture())) == (503, "UNAVAILABLE")
    assert await rows(database) == []


class Killed(BaseException):
    """What a kill looks like from inside: nothing after it runs."""


async def test_killed_between_storing_and_row(
    database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def killed(*_: object) -> None:
        raise Killed

    intake = await at_work(database, settings)
    with monkeypatch.context() as patch:
        patch.setattr(uploads, "create", killed)
        with pytest.raises(Killed):
            await intake.keep("ana", UploadPurpose.AVATAR, picture())
    assert (await rows(database), len(await objects(settings))) == ([], 1), "an object that nobody knows"
    again = await intake.keep("ana", UploadPurpose.AVATAR, picture())
    assert (again.is_new, again.upload.key in await objects(settings)) == (True, True)


async def test_killed_between_row_and_deletion(
    database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def killed(*_: object) -> None:
        raise Killed

    intake = await at_work(database, settings)
    upload = (await intake.keep("ana", UploadPurpose.AVATAR, picture())).upload
    with monkeypatch.context() as patch:
        patch.setattr(LocalStorage, "delete", killed)
        with pytest.raises(Killed):
            await intake.delete(upload.id, "ana")
    assert (await rows(database), await objects(settings)) == ([], [upload.key])
    again = (await intake.keep("ana", UploadPurpose.AVATAR, picture())).upload
    assert again.key != upload.key
    assert again.key in await objects(settings)


async def at_work(database: Database, settings: Settings) -> Intake:
    async with database.transaction() as session:
        await users.ensure(session, "ana", Role.USER, 0)
    return Intake(database, open_storage(settings), PublicClient(allow_loopback=True))


async def test_deleting_and_handing_in_at_once(
    ana: httpx.AsyncClient, database: Database, settings: Settings
) -> None:
    """Whatever comes first, no row is left that points at nothing."""
    for _ in range(5):
        upload = (await hand_in(ana, picture())).json()["upload"]
        await asyncio.gather(
            ana.delete(f"/uploads/{upload['id']}"), *(hand_in(ana, picture()) for _ in range(4))
        )
        assert {row.key for row in await rows(database)} <= set(await objects(settings))


@pytest.mark.parametrize("where", ["local", "s3"])
async def test_in_both_storages(
    where: str, database: Database, settings: Settings, s3_server: S3Endpoint
) -> None:
    values = s3_settings(s3_server) if where == "s3" else local_settings(settings.storage_local_path)
    await at_work(database, settings)
    async with empty_place(values) as place:
        intake = Intake(database, place.storage, PublicClient(allow_loopback=True))
        upload = (await intake.keep("ana", UploadPurpose.BACKGROUND, picture())).upload
        seen = await place.http.get(place.storage.url(upload.key))
        assert (seen.status_code, seen.headers["content-type"]) == (200, "image/jpeg")
        assert len(seen.content) == upload.size_bytes
        await intake.delete(upload.id, "ana")
        assert await place.storage.stat(upload.key) is None
    async with database.transaction() as session:
        assert await session.scalar(select(func.count()).select_from(Upload)) == 0


async def test_the_document_says_how_to_hand_in(base_url: str) -> None:
    async with httpx.AsyncClient(base_url=base_url) as anyone:
        post = (await anyone.get("/openapi.json")).json()["paths"][PREFIX + "/uploads"]["post"]
    schema = post["requestBody"]["content"]["multipart/form-data"]["schema"]
    assert (schema["required"], set(schema["properties"])) == (["file"], {"file", "purpose"})
    assert {"200", "201", "400", "401", "409", "413", "415", "500", "503"} <= set(post["responses"])
