"""From POST to pictures through the real door: API, worker, Temporal, PostgreSQL, provider together."""

import asyncio
from functools import partial
from io import BytesIO
from typing import Any

import httpx
import pytest
from PIL import Image

from schema.settings import Settings
from tests.eventually import eventually
from tests.integration.front_door import Customer, ids_of
from tests.integration.shop import Shop
from tests.servers.http import api_served
from workflows import worker

PRICE = 30


async def test_an_order_becomes_pictures_exports_and_a_story(ann: Customer, open_shop: Shop) -> None:
    poses = await open_shop.poses(3)
    before = (await ann.get("/credits"))["balance"]
    reply = await ann.generate(ann.order(poses, outputFormats=["instagram_feed", "shopee"]))
    assert reply.status_code == 202, reply.text
    started = reply.json()
    assert (started["status"], started["totalPosesExpected"], started["creditCharged"]) == ("pending", 3, 90)
    assert (await ann.get("/credits"))["balance"] == before - 90
    events = await ann.followed(started["generationId"])
    assert events[0].type == "snapshot"
    assert events[-1].type == "completed"
    assert events[-1].data | {"completed": 3, "failed": 0, "creditRefunded": 0} == events[-1].data
    numbers = ids_of(events)
    assert numbers == sorted(set(numbers)), "ids rise and never repeat"
    assert all(event.data["type"] == event.type for event in events)
    results = await ann.get(f"/generations/{started['generationId']}/results")
    assert [item["poseId"] for item in results["results"]] == poses
    assert results["generation"]["successCount"] == 3
    async with httpx.AsyncClient() as browser:
        for item in results["results"]:
            assert (await _picture(browser, item["outputImageUrl"])).size == (256, 256)
            assert (await _picture(browser, item["thumbnailUrl"])).size == (400, 400)
            sizes = {name: await _picture(browser, made["url"]) for name, made in item["exports"].items()}
            assert sizes["instagram_feed"].size == (1080, 1080)
            assert sizes["shopee_product"].size == (1000, 1000)
    await open_shop.books_agree()


async def _picture(browser: httpx.AsyncClient, url: str) -> Image.Image:
    reply = await browser.get(url)
    assert reply.status_code == 200
    assert reply.headers["x-content-type-options"] == "nosniff"
    return Image.open(BytesIO(reply.content))


async def test_no_credits_no_generation(ann: Customer, open_shop: Shop, door: str) -> None:
    await open_shop.welcome("bob", 50)
    bob = Customer.of(open_shop.settings, door, "bob")
    async with bob.http:
        reply = await bob.generate(bob.order(await open_shop.poses(10)))
        assert reply.status_code == 402
        error = reply.json()["error"]
        assert error["code"] == "INSUFFICIENT_CREDITS"
        assert error["message"] == "Insufficient credits. Required: 300, Available: 50"
        assert (await bob.get("/credits"))["balance"] == 50
        assert (await bob.get("/generations"))["generations"] == []
    assert await open_shop.submissions() == []
    await open_shop.books_agree()


async def test_200_repeats_at_once_are_one_generation_and_one_charge(ann: Customer, open_shop: Shop) -> None:
    order = ann.order(await open_shop.poses(2))
    replies = await asyncio.gather(*(ann.generate(order, "one-key") for _ in range(200)))
    assert {reply.status_code for reply in replies} == {202}
    assert len({reply.text for reply in replies}) == 1, "all answers are equal"
    assert sum(reply.headers.get("Idempotency-Replayed") != "true" for reply in replies) == 1
    generation = replies[0].json()["generationId"]
    await ann.finished(generation)
    again = await ann.generate(order, "one-key")
    assert (again.text, again.headers["Idempotency-Replayed"]) == (replies[0].text, "true")
    charges = [entry for entry in (await ann.get("/credits/ledger"))["entries"] if entry["type"] == "charge"]
    assert len(charges) == 1
    assert len(await open_shop.submissions()) == 2
    other = await ann.generate(order | {"seed": 8}, "one-key")
    assert (other.status_code, other.json()["error"]["code"]) == (422, "IDEMPOTENCY_MISMATCH")
    await open_shop.books_agree()


async def test_100_orders_at_once_with_credits_for_ten(ann: Customer, open_shop: Shop, door: str) -> None:
    await open_shop.welcome("cat", 10 * PRICE)
    cat = Customer.of(open_shop.settings, door, "cat")
    async with cat.http:
        order = cat.order(await open_shop.poses(1))
        replies = await asyncio.gather(*(cat.generate(order) for _ in range(100)))
        started = [reply.json()["generationId"] for reply in replies if reply.status_code == 202]
        assert sorted(reply.status_code for reply in replies) == [202] * 10 + [402] * 90
        ends = await asyncio.gather(*(cat.finished(generation) for generation in started))
        assert {end["status"] for end in ends} == {"completed"}
        assert (await cat.get("/credits"))["balance"] == 0
    await open_shop.books_agree()


async def test_a_dry_run_prices_and_changes_nothing(ann: Customer, open_shop: Shop) -> None:
    order = ann.order(await open_shop.poses(3), batchSize=4)
    reply = await ann.http.post("/generate", params={"dryRun": "true"}, json=order)
    assert reply.status_code == 200
    assert reply.json() | {"valid": True, "totalPosesExpected": 12, "creditCost": 360} == reply.json()
    assert (await ann.get("/generations"))["generations"] == []
    assert (await ann.get("/credits"))["balance"] == 100_000


async def test_a_dry_run_tells_which_pose_the_words_come_nearest_to(ann: Customer) -> None:
    order = {
        "projectId": "proj_ann",
        "generationType": "TEXT_DESCRIPTION",
        "textPrompt": "standing with arms crossed",
    }
    reply = await ann.http.post("/generate", params={"dryRun": "true"}, json=order)
    found = reply.json()["generatedPoseStructure"]
    assert (found["poseName"], found["used"]) == ("Arms crossed", True)
    order["textPrompt"] = "standing on a glacier among penguins with a tuba"
    reply = await ann.http.post("/generate", params={"dryRun": "true"}, json=order)
    assert reply.json()["generatedPoseStructure"]["used"] is False


async def test_text_mode_uses_the_pose_it_found(ann: Customer, open_shop: Shop) -> None:
    order = {
        "projectId": "proj_ann",
        "generationType": "TEXT_DESCRIPTION",
        "textPrompt": "standing with arms crossed",
        "variationCount": 2,
    }
    reply = await ann.generate(order)
    assert reply.status_code == 202, reply.text
    generation = reply.json()["generationId"]
    assert (await ann.finished(generation))["completed"] == 2
    structure = (await ann.get(f"/generations/{generation}"))["generation"]["generatedPoseStructure"]
    assert structure["used"]
    assert "crossed" in structure["poseName"].lower()
    assert all(entry["posed_by_map"] for entry in await open_shop.submissions())


async def test_pause_resume_and_cancel_at_the_door(ann: Customer, open_shop: Shop) -> None:
    await open_shop.faults({"kind": "never_ends", "count": None, "match": {"after": 2}})
    generation = await ann.start(await open_shop.poses(12))
    status = partial(ann.get, f"/generations/{generation}")
    await eventually(status, lambda seen: seen["progress"]["posesCompleted"] == 2)
    for action, expected in (("pause", "paused"), ("resume", "processing")):
        assert (await ann.control(generation, action)).status_code == 200
        seen = await status()
        assert seen["progress"]["currentStatus"] == seen["generation"]["status"] == expected
    for _ in range(2):
        assert (await ann.control(generation, "cancel")).status_code in {200, 202}
    end = await ann.finished(generation)
    assert (end["type"], end["completed"], end["creditRefunded"]) == ("cancelled", 2, 10 * PRICE)
    assert (await ann.control(generation, "pause")).status_code == 409
    assert (await ann.control(generation, "cancel")).status_code in {200, 202}

    async def at_the_provider() -> int:
        stats = (await open_shop.sim.get("/_sim/stats")).json()
        return int(stats["in_progress"] + stats["in_queue"])

    await eventually(at_the_provider, lambda running: running == 0)  # by itself none of them ends
    await open_shop.books_agree()


async def test_retry_makes_the_failed_items_again_and_charges_them(ann: Customer, open_shop: Shop) -> None:
    await open_shop.faults({"kind": "error_422", "count": 2})
    generation = await ann.start(await open_shop.poses(5))
    assert (await ann.finished(generation))["failed"] == 2
    reply = await ann.control(generation, "retry")
    assert reply.status_code == 202, reply.text
    assert reply.json() | {"totalPosesExpected": 2, "creditCharged": 60} == reply.json()
    end = await ann.finished(reply.json()["generationId"])
    assert (end["completed"], end["failed"]) == (2, 0)
    assert (await ann.control(reply.json()["generationId"], "retry")).status_code == 409, "nothing failed"
    assert (await ann.get("/credits"))["balance"] == 100_000 - 5 * PRICE
    await open_shop.books_agree()


async def test_reads_fall_back_to_the_database_when_nobody_answers(shop: Shop, settings: Settings) -> None:
    """No worker runs: the workflow cannot be asked, and the start is refused in time."""
    async with api_served(settings) as url:
        ann = Customer.of(settings, url, "ann")
        async with ann.http:
            await shop.faults({"kind": "never_ends", "count": None})
            async with worker.serving(settings, shop.temporal):
                generation = await ann.start(await shop.poses(2))
            seen: Any = await ann.get(f"/generations/{generation}")
            assert seen["stale"] is True
            assert seen["generation"]["status"] in {"pending", "processing"}
            await shop.sim.delete("/_sim/faults")
            await ann.control(generation, "cancel")
            async with worker.serving(settings, shop.temporal):
                assert (await ann.finished(generation))["creditRefunded"] == 2 * PRICE
    await shop.books_agree()


@pytest.mark.parametrize("latest", ["generation", "item"])
async def test_strangers_ids_do_not_exist(ann: Customer, open_shop: Shop, door: str, latest: str) -> None:
    generation = await ann.start(await open_shop.poses(1))
    await ann.finished(generation)
    item = (await ann.get(f"/generations/{generation}/results"))["results"][0]["id"]
    await open_shop.welcome("eve", 1000)
    eve = Customer.of(open_shop.settings, door, "eve")
    asks = {
        "generation": [
            ("GET", f"/generations/{generation}"),
            ("GET", f"/generations/{generation}/results"),
            ("GET", f"/generations/{generation}/events"),
            ("POST", f"/generations/{generation}/events/ticket"),
            ("POST", f"/generations/{generation}/cancel"),
            ("POST", f"/generations/{generation}/pause"),
            ("POST", f"/generations/{generation}/resume"),
            ("POST", f"/generations/{generation}/retry"),
        ],
        "item": [
            ("GET", f"/poses/{item}"),
            ("PATCH", f"/poses/{item}"),
            ("GET", "/projects/proj_ann"),
            ("PUT", "/projects/proj_ann"),
            ("DELETE", "/projects/proj_ann"),
        ],
    }[latest]
    async with eve.http:
        for method, path in asks:
            body = {"isFavorite": True} if method == "PATCH" else {"projectName": "mine now"}
            reply = await eve.ask(method, path, json=body if method in {"PATCH", "PUT"} else None)
            assert (reply.status_code, reply.json()["error"]["code"]) == (404, "NOT_FOUND"), (method, path)
        mine = await eve.generate(eve.order(await open_shop.poses(1), projectId="proj_ann"))
        assert mine.status_code == 404
        assert (await eve.get("/generations"))["generations"] == []


async def test_a_library_picture_is_drawn_when_first_asked_for(ann: Customer, open_shop: Shop) -> None:
    pose = (await ann.get("/library", limit=1))["poses"][0]
    whole = (await ann.get(f"/library/{pose['id']}"))["pose"]
    async with httpx.AsyncClient() as browser:
        sizes = {
            name: (await _picture(browser, whole[name])).size
            for name in ("thumbnailUrl", "previewImageUrl", "referenceImageUrl", "controlnetImageUrl")
        }
    assert sizes == {
        "thumbnailUrl": (256, 256),
        "previewImageUrl": (512, 512),
        "referenceImageUrl": (768, 768),
        "controlnetImageUrl": (256, 256),
    }
