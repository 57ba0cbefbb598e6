"""Pictures handed in over the API, and what is found of them afterwards."""

from io import BytesIO
from typing import Any

import httpx
from PIL import Image
from sqlmodel import col, select

from adapters.storage.factory import open_storage
from schema.database import Database
from schema.settings import Settings
from schema.tables import Upload


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
