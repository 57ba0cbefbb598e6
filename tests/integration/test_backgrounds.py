"""Backgrounds through the real door: within a generation and afterwards, with the pictures looked at."""

import asyncio
from io import BytesIO
from typing import Any

import httpx
import pytest
from PIL import Image
from sqlmodel import select

from schema.tables import BackgroundChange
from tests.eventually import eventually
from tests.integration.front_door import Customer
from tests.integration.shop import Shop

WHITE = {"useBackgroundChanger": True, "backgroundMode": "solid_color", "backgroundColor": "#FFFFFF"}
BEACH = {"useBackgroundChanger": True, "backgroundMode": "ai_generate", "backgroundPrompt": "a beach at dawn"}
PINK = {"backgroundMode": "solid_color", "backgroundColor": "#FF00CC"}
CORNER = (3, 3)


async def picture(url: str) -> Image.Image:
    async with httpx.AsyncClient() as browser:
        reply = await browser.get(url)
    assert reply.status_code == 200
    return Image.open(BytesIO(reply.content)).convert("RGB")


async def delivered(ann: Customer, shop: Shop, count: int = 1, **more: Any) -> list[dict[str, Any]]:
    generation_id = await ann.start(await shop.poses(count), **more)
    assert (await ann.finished(generation_id))["completed"] == count
    return list((await ann.get(f"/generations/{generation_id}/results"))["results"])


async def uploaded(ann: Customer, colour: str) -> str:
    data = BytesIO()
    Image.new("RGB", (640, 480), colour).save(data, "PNG")
    reply = await ann.http.post(
        "/uploads", files={"file": ("wall.png", data.getvalue(), "image/png")}, data={"purpose": "background"}
    )
    assert reply.status_code == 201, reply.text
    return str(reply.json()["upload"]["id"])


async def test_a_colour_costs_ten_more_and_keeps_the_picture_before(ann: Customer, open_shop: Shop) -> None:
    before = (await ann.get("/credits"))["balance"]
    items = await delivered(ann, open_shop, 2, outputFormats=["web"], **WHITE)
    assert (await ann.get("/credits"))["balance"] == before - 2 * 40
    for item in items:
        assert (await picture(item["outputImageUrl"])).getpixel(CORNER) == (255, 255, 255)
        assert (await picture(item["originalImageUrl"])).getpixel(CORNER) != (255, 255, 255)
        assert min(pixel(await picture(item["exports"]["web"]["url"]))) > 250, (
            "exports show what is delivered"
        )
    await open_shop.books_agree()


def pixel(image: Image.Image) -> tuple[int, int, int]:
    found = image.getpixel(CORNER)
    assert isinstance(found, tuple)
    return found[0], found[1], found[2]


async def test_a_made_background_is_paid_for_once(ann: Customer, open_shop: Shop) -> None:
    items = await delivered(ann, open_shop, 3, **BEACH)
    prompts = [job["prompt"] for job in await open_shop.submissions()]
    assert len(prompts) == 4
    assert sum("a beach at dawn" in prompt for prompt in prompts) == 1
    corners = {pixel(await picture(item["outputImageUrl"])) for item in items}
    assert len(corners) == 1, "one background for all"


async def test_a_picture_of_the_users_own(ann: Customer, open_shop: Shop) -> None:
    wall = await uploaded(ann, "#00AA44")
    body = {"useBackgroundChanger": True, "backgroundMode": "upload", "backgroundImageUrl": wall}
    (item,) = await delivered(ann, open_shop, 1, **body)
    red, green, blue = pixel(await picture(item["outputImageUrl"]))
    assert green > 150 > max(red, blue)


async def test_a_stranger_s_upload_and_a_private_address_charge_nothing(
    ann: Customer, open_shop: Shop, door: str
) -> None:
    await open_shop.welcome("bob", 1000)
    bob = Customer.of(open_shop.settings, door, "bob")
    wall = await uploaded(ann, "#123456")
    async with bob.http:
        for named, status in (
            (wall, 404),
            ("https://169.254.169.254/x.jpg", 400),
            ("http://shop.example/", 400),
        ):
            body = {"useBackgroundChanger": True, "backgroundMode": "upload", "backgroundImageUrl": named}
            order = bob.order(await open_shop.poses(1), **body)
            assert (await bob.generate(order)).status_code == status
            priced = await bob.http.post("/generate", json=order, params={"dryRun": "true"})
            assert priced.status_code == status
        assert (await bob.get("/credits"))["balance"] == 1000
    assert await open_shop.submissions() == []


async def changed(ann: Customer, item_id: str, **body: Any) -> dict[str, Any]:
    reply = await ann.ask("POST", f"/poses/{item_id}/background", json=body)
    assert reply.status_code == 202, reply.text

    async def latest() -> dict[str, Any]:
        return dict(await ann.get(f"/poses/{item_id}"))

    return await eventually(latest, lambda seen: seen["backgroundChange"]["status"] != "pending", within_s=60)


async def test_afterwards_the_first_picture_stays_and_everything_else_is_made_again(
    ann: Customer, open_shop: Shop
) -> None:
    (item,) = await delivered(ann, open_shop, 1, outputFormats=["web"])
    before = (await ann.get("/credits"))["balance"]
    pink = await changed(ann, item["id"], **PINK)
    assert pink["backgroundChange"]["status"] == "completed"
    assert (await ann.get("/credits"))["balance"] == before - 10
    after = pink["pose"]
    assert pixel(await picture(after["outputImageUrl"])) == (255, 0, 204)
    assert pixel(await picture(after["originalImageUrl"])) == pixel(await picture(item["outputImageUrl"]))
    assert after["exports"]["web"]["url"] != item["exports"]["web"]["url"]
    assert after["thumbnailUrl"] != item["thumbnailUrl"]
    blue = await changed(ann, item["id"], backgroundMode="solid_color", backgroundColor="#0000FF")
    assert pixel(await picture(blue["pose"]["outputImageUrl"])) == (0, 0, 255)
    assert pixel(await picture(blue["pose"]["originalImageUrl"])) == pixel(
        await picture(item["outputImageUrl"])
    )
    listed = (await ann.get(f"/poses/{item['id']}/backgrounds"))["backgrounds"]
    assert [row["background"]["color"] for row in listed] == ["#0000FF", "#FF00CC"]
    await open_shop.books_agree()


async def test_one_key_is_one_change_and_another_wish_is_refused(ann: Customer, open_shop: Shop) -> None:
    (item,) = await delivered(ann, open_shop)
    path = f"/poses/{item['id']}/background"
    headers = {"Idempotency-Key": "same"}
    replies = await asyncio.gather(*(ann.ask("POST", path, json=PINK, headers=headers) for _ in range(10)))
    assert {reply.status_code for reply in replies} <= {202, 409}
    assert 202 in {reply.status_code for reply in replies}
    again = await ann.ask("POST", path, json=PINK, headers=headers)
    assert again.status_code == 202
    assert again.headers["Idempotency-Replayed"] == "true"
    other = PINK | {"backgroundColor": "#000000"}
    assert (await ann.ask("POST", path, json=other, headers=headers)).status_code == 422
    async with open_shop.database.transaction() as session:
        assert len((await session.exec(select(BackgroundChange))).all()) == 1


async def test_what_cannot_be_made_is_given_back(ann: Customer, open_shop: Shop) -> None:
    (item,) = await delivered(ann, open_shop)
    before = (await ann.get("/credits"))["balance"]
    await open_shop.faults({"kind": "error_422"})
    failed = await changed(ann, item["id"], backgroundMode="ai_generate", backgroundPrompt="a quiet forest")
    change = failed["backgroundChange"]
    assert (change["status"], change["errorCode"]) == ("failed", "PROVIDER_REJECTED")
    assert change["creditRefunded"] == change["creditCharged"] == 10
    assert failed["pose"]["outputImageUrl"].split("?")[0] == item["outputImageUrl"].split("?")[0]
    assert (await ann.get("/credits"))["balance"] == before
    await open_shop.books_agree()


async def test_without_credits_or_rights_nothing_begins(ann: Customer, open_shop: Shop, door: str) -> None:
    (item,) = await delivered(ann, open_shop)
    path = f"/poses/{item['id']}/background"
    await open_shop.welcome("bob", 0)
    bob = Customer.of(open_shop.settings, door, "bob")
    async with bob.http:
        assert (await bob.ask("POST", path, json=PINK)).status_code == 404
        assert (await bob.ask("GET", f"/poses/{item['id']}/backgrounds")).status_code == 404
    await open_shop.welcome("cat", 30)
    cat = Customer.of(open_shop.settings, door, "cat")
    async with cat.http:
        (own,) = await delivered(cat, open_shop)
        poor = await cat.ask("POST", f"/poses/{own['id']}/background", json=PINK)
        assert poor.status_code == 402
        priced = await cat.ask("POST", f"/poses/{own['id']}/background", json=PINK, params={"dryRun": "true"})
        assert priced.json() | {"creditCost": 10, "balance": 0, "affordable": False} == priced.json()
    await open_shop.books_agree()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "backgroundMode"),
        ({"backgroundMode": "solid_color"}, "backgroundColor"),
        ({"backgroundMode": "ai_generate", "backgroundPrompt": ""}, "backgroundPrompt"),
        ({"backgroundMode": "upload"}, "backgroundImageUrl"),
    ],
)
async def test_a_change_says_which_field_is_wrong(
    ann: Customer, open_shop: Shop, body: dict[str, str], field: str
) -> None:
    (item,) = await delivered(ann, open_shop)
    reply = await ann.ask("POST", f"/poses/{item['id']}/background", json=body)
    assert reply.status_code == 400
    assert [fault["path"] for fault in reply.json()["error"]["details"]] == [field]
