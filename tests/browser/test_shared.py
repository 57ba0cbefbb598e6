"""The public page of a shared link, as somebody without an account sees it."""

from typing import Any

import pytest
from playwright.async_api import expect

from tests.browser.conftest import NewVisitor
from tests.browser.test_looks import barriers
from tests.browser.visitor import Visitor
from tests.chaos.scene import Scene

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def shared(scene: Scene, **order: Any) -> dict[str, Any]:
    """Three pictures, delivered and shared."""
    generation = await scene.order(3)
    await scene.customer.finished(generation)
    answer = await scene.customer.ask("POST", f"/generations/{generation}/share", json=order)
    made: dict[str, Any] = answer.json()
    return made


async def test_anyone_sees_and_saves_the_pictures_until_the_link_is_revoked(
    scene: Scene, visitor: Visitor
) -> None:
    made = await shared(scene, allowDownload=True)
    assert made["url"] == f"{visitor.url}/shared/{made['token']}"
    page = await visitor.arrives_at(f"shared/{made['token']}")
    tiles = page.get_by_role("listitem").get_by_role("button")
    await expect(tiles).to_have_count(3)
    await expect(page.locator("#until")).to_contain_text("3 pictures · Until")
    await tiles.nth(1).click()
    large = page.get_by_role("dialog").get_by_role("img")
    await expect(large).to_have_js_property("naturalWidth", 256)
    await page.keyboard.press("ArrowRight")
    await expect(page.get_by_role("heading", name="3 / 3")).to_be_visible()
    await expect(page.get_by_role("button", name="Next")).to_be_disabled()
    async with page.expect_download() as saving:
        await page.get_by_role("link", name="Download").click()
    assert (await saving.value).suggested_filename == "picture-3.png"
    await page.get_by_role("button", name="Close").click()
    await scene.customer.ask("DELETE", f"/generations/{made['share']['generationId']}/share")
    visitor.expects("status of 404")
    await page.reload()
    await expect(page.get_by_role("status")).to_contain_text("This link does not work")
    await expect(tiles).to_have_count(0)


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_no_barrier_on_a_phone_and_in_the_readers_language(
    scene: Scene, visitors: NewVisitor, theme: Any
) -> None:
    made = await shared(scene)
    phone = {"width": 360, "height": 740}
    page = await visitors().arrives_at(
        f"shared/{made['token']}", viewport=phone, color_scheme=theme, locale="id-ID"
    )
    await expect(page.get_by_role("heading", level=1)).to_have_text("Foto yang dibagikan")
    assert await page.locator("html").get_attribute("lang") == "id"
    tiles = page.get_by_role("listitem").get_by_role("button")
    await expect(tiles).to_have_count(3)
    assert await page.evaluate("document.documentElement.scrollWidth") <= 360
    found = await barriers(page)
    await tiles.first.click()
    await expect(page.get_by_role("dialog")).to_be_visible()
    await expect(page.get_by_role("link")).to_have_count(0)
    found += await barriers(page)
    assert found == []
