"""Uploads that are refused: no good pictures, too large ones, those of strangers, odd requests."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from starlette.datastructures import UploadFile

from adapters.intake import MAX_BYTES
from api.app import PREFIX
from api.routes.uploads import BODY_LIMIT_BYTES
from schema.database import Database
from schema.settings import Settings
from tests.integration.api.conftest import token
from tests.integration.api.handing_in import error, hand_in, kept, objects, picture, rows

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
