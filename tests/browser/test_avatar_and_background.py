"""Whose pictures they are and what stands behind them."""

from io import BytesIO

import pytest
from PIL import Image
from playwright.async_api import FilePayload, expect

from tests.browser.visitor import Visitor
from tests.chaos.scene import CREDITS, Scene

pytestmark = pytest.mark.asyncio(loop_scope="session")


def picture(colour: str) -> FilePayload:
    made = BytesIO()
    Image.new("RGB", (400, 500), colour).save(made, "PNG")
    return {"name": "mine.png", "mimeType": "image/png", "buffer": made.getvalue()}


async def test_an_avatar_with_a_picture_is_made_and_used(visitor: Visitor, scene: Scene) -> None:
    visitor.expects("status of 415")
    page = await visitor.comes()
    await visitor.sets_up(1)
    await page.get_by_role("button", name="New avatar").click()
    form = page.get_by_role("dialog")
    await form.get_by_role("button", name="Create avatar").click()
    await expect(form.get_by_text("An avatar needs a name.")).to_be_visible()
    await form.get_by_label("Name").fill("Sari")
    await form.get_by_label("Gender").select_option("female")
    await form.get_by_label("Ethnicity").fill("Javanese")
    file = form.locator("input[type=file]")
    await file.set_input_files({"name": "no.png", "mimeType": "image/png", "buffer": b"no picture"})
    await expect(form.get_by_role("alert")).to_be_visible()
    await file.set_input_files(picture("teal"))
    await expect(form.locator(".upload img")).to_be_visible()
    await form.get_by_role("button", name="Create avatar").click()
    await expect(page.get_by_role("radio", name="Sari")).to_be_checked()
    await page.get_by_role("button", name="Generate").click()
    await visitor.sees_state("Done")
    generation = (await scene.customer.get("/generations"))["generations"][0]
    assert generation["avatarId"] == (await scene.customer.get("/avatars"))["avatars"][0]["id"]


async def test_a_background_is_chosen_priced_and_changed_afterwards(visitor: Visitor, scene: Scene) -> None:
    visitor.expects("status of 400")
    page = await visitor.comes()
    await visitor.sets_up(1)
    await page.get_by_text("In words", exact=True).click()
    words = page.get_by_label("The background in words")
    await expect(words).to_have_attribute("aria-invalid", "true")
    await words.fill("a sunlit batik workshop")
    await expect(words).not_to_have_attribute("aria-invalid", "true")
    await page.get_by_text("Colour", exact=True).first.click()
    await page.get_by_role("button", name="#cfe3d4").click()
    await expect(page.locator(".price")).to_contain_text("40 credits")
    await page.get_by_role("button", name="Generate").click()
    await visitor.sees_state("Done")
    await visitor.done.first.get_by_role("button").click()
    await expect(page.get_by_role("slider", name="How much of the old background is shown")).to_be_visible()
    before = await page.locator(".large").first.get_attribute("src")
    await page.get_by_role("button", name="Change the background").click()
    window = page.get_by_role("dialog", name="Change the background")
    await window.get_by_text("My picture").click()
    await window.locator("input[type=file]").set_input_files(picture("navy"))
    await expect(window.locator(".upload img")).to_be_visible()
    await window.get_by_role("button", name="Change it").click()
    assert before
    await expect(page.locator(".large").first).not_to_have_attribute("src", before)
    await expect(page.locator(".balance")).to_contain_text(f"{CREDITS - 50:,}")
    await scene.shop.books_agree()
