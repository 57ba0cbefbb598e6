"""From picking poses to a downloaded picture, and what stands in the way of an order."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from zipfile import ZipFile

import pytest
from playwright.async_api import Route, expect

from tests.browser.conftest import NewVisitor
from tests.browser.visitor import Visitor
from tests.chaos.scene import CREDITS, Scene
from tests.eventually import until

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_pick_quote_generate_watch_download(visitor: Visitor, scene: Scene) -> None:
    page = await visitor.comes()
    await page.get_by_role("searchbox", name="Search poses").fill("arms crossed")
    await expect(page.get_by_role("button", name="Arms crossed", exact=True)).to_be_visible()
    await expect(page.locator(".gallery-column > .hint")).not_to_contain_text("659")
    await visitor.orders(2, variations=2)
    await expect(visitor.done).to_have_count(4)
    await visitor.sees_state("Done")
    await expect(page.locator(".balance")).to_contain_text(f"{CREDITS - 120:,}")
    await visitor.done.first.get_by_role("button").click()
    async with page.expect_download() as download:
        await page.get_by_role("button", name="Shopee Product").click()
    assert (await (await download.value).path()).read_bytes().startswith(b"\xff\xd8\xff")
    await page.get_by_role("button", name="Favourite").click()
    await expect(page.get_by_role("button", name="Favourite")).to_have_attribute("aria-pressed", "true")
    await page.keyboard.press("Escape")
    await expect(page.locator(".loved")).to_have_count(1)
    await scene.shop.books_agree()


async def test_what_is_chosen_outlives_a_reload(visitor: Visitor) -> None:
    page = await visitor.comes()
    await visitor.picks(3)
    await page.reload()
    await expect(visitor.tray).to_contain_text("3 poses, 6 pictures, 180 credits".partition(",")[0])
    await expect(page.locator("button.pose[aria-pressed=true]")).to_have_count(3)


async def test_without_enough_credits_nothing_can_be_ordered(visitors: NewVisitor, scene: Scene) -> None:
    await scene.shop.welcome("poor " + scene.customer.name, 50)
    visitor = visitors(user="poor " + scene.customer.name)
    page = await visitor.comes()
    await visitor.sets_up(2)
    await expect(page.locator(".quote")).to_contain_text("10 credits too few")
    button = page.get_by_role("button", name="Generate")
    await expect(button).to_have_attribute("aria-disabled", "true")
    await button.click(force=True)
    await visitor.goes_to("generations")
    await expect(page.get_by_text("No pictures yet")).to_be_visible()


async def test_the_price_of_what_has_changed_meanwhile_is_not_taken(visitor: Visitor) -> None:
    page = await visitor.comes()
    await visitor.picks(2)
    await expect(visitor.tray).to_contain_text("120 credits")
    asked: list[Route] = []

    async def held(route: Route) -> None:
        asked.append(route)

    await page.route("**/generate?dryRun=true", held)
    await visitor.tray.get_by_role("link", name="Continue").click()
    await until(lambda: bool(asked))
    await page.clock.install()
    await page.clock.pause_at(datetime.now(UTC) + timedelta(seconds=5))  # nobody asks anew meanwhile
    await page.get_by_label("Pictures of each pose").fill("3")
    async with page.expect_response("**/generate?dryRun=true") as answered:
        await asked[0].continue_()
    await (await answered.value).finished()
    await asyncio.sleep(0.3)
    await expect(page.get_by_role("button", name="Generate")).to_be_disabled()
    await page.clock.resume()
    await until(lambda: len(asked) > 1)
    await asked[-1].continue_()
    await expect(page.locator(".price")).to_contain_text("180 credits")
    await expect(page.get_by_role("button", name="Generate")).to_be_enabled()


async def test_what_is_wrong_is_said_at_the_field(visitor: Visitor) -> None:
    visitor.expects("status of 400")
    page = await visitor.comes()
    await visitor.sets_up(1)
    style = page.get_by_label("Style in words")
    await style.fill("nude")
    await expect(style).to_have_attribute("aria-invalid", "true")
    await expect(page.locator(f"#{await style.get_attribute('id')}-error")).to_be_visible()
    await style.fill("in a batik shirt")
    await expect(style).not_to_have_attribute("aria-invalid", "true")
    await page.get_by_label("Pictures of each pose").fill("11")
    await expect(page.get_by_text("A whole number from 1 to 10.")).to_be_visible()


async def test_a_pose_in_words_shows_its_nearest_match(visitor: Visitor) -> None:
    visitor.expects("status of 400")
    page = await visitor.comes("describe")
    words = page.get_by_label("The pose in words")
    await words.fill("a red shirt")
    await expect(page.locator("#verdict")).to_contain_text("Say how the body is placed")
    await words.fill("standing with arms crossed")
    await expect(page.locator("#verdict")).to_contain_text("That will do.")
    await expect(page.locator(".match")).to_contain_text("Arms crossed")
    await page.get_by_role("button", name="Continue").click()
    await page.get_by_role("button", name="Generate").click()
    await expect(visitor.done).to_have_count(2)


async def test_by_keyboard_alone(visitor: Visitor) -> None:
    page = await visitor.comes()
    await expect(page.locator("button.pose").first).to_be_visible()
    press = page.keyboard.press
    await page.get_by_role("searchbox").focus()
    while not await page.locator("button.pose:focus").count():
        await press("Tab")
    await press("Space")
    await press("ArrowRight")
    await press("Enter")
    await press("Tab")
    assert await page.locator(":focus").get_attribute("class") == "heart"
    await press("Space")
    await expect(page.locator(".heart[aria-pressed=true]")).to_have_count(1)
    while await page.evaluate("document.activeElement.textContent") != "Continue":
        await press("Tab")
    await press("Enter")
    await expect(page.get_by_role("heading", name="Set up")).to_be_visible()
    await expect(page.get_by_role("button", name="Generate")).to_have_attribute("aria-disabled", "false")
    while await page.evaluate("document.activeElement.id") != "generate":
        await press("Tab")
    await press("Enter")
    await expect(visitor.done).to_have_count(4)
    while not await page.locator(".tile :focus, .tile button:focus").count():
        await press("Tab")
    await press("Enter")
    await expect(page.get_by_role("dialog")).to_be_visible()
    await press("ArrowRight")
    await expect(page.get_by_role("button", name="As generated")).to_be_visible()
    await press("Escape")
    await expect(page.get_by_role("dialog")).to_be_hidden()
    assert await page.locator(".tile button:focus").count() == 1


async def test_chosen_pictures_come_as_one_zip_or_go_behind_one_link(visitor: Visitor) -> None:
    page = await visitor.comes()
    await visitor.orders(3)
    await visitor.sees_state("Done")
    await page.get_by_role("button", name="Select").click()
    for place in (0, 2):
        await visitor.done.nth(place).get_by_role("button").click()
    await expect(page.locator(".selection-bar")).to_contain_text("2 selected")
    async with page.expect_download() as download:
        await page.get_by_role("button", name="Download as ZIP").click()
    with ZipFile(await (await download.value).path()) as archive:
        files = json.loads(archive.read("manifest.json"))["files"]
        assert {file["index"] for file in files} == {0, 2}
        assert {file["name"] for file in files} < set(archive.namelist())
    await page.get_by_role("button", name="Share").click()
    link = await page.get_by_label("Link for others").input_value()
    shared = await page.request.get(f"{visitor.api}/shared/{link.rpartition('/')[2]}")
    assert len((await shared.json())["pictures"]) == 2
