"""For every eye and hand: no barrier that axe finds, nothing wider than a phone, two languages and themes."""

import re
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, expect

from api.routes.studio import HERE
from tests.browser.conftest import NewVisitor
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.asyncio(loop_scope="session")

VIEWS = ("pick", "describe", "setup", "generations", "requests", "credits", "operator")
STATIC_KEY = re.compile(r"\bt\(\s*[\"']([^\"']+)[\"']")
WORDS = "async (name) => Object.entries((await import(`/studio/js/words/${name}.js`)).words)"
LIMIT_BYTES = 150_000


async def barriers(page: Page) -> list[str]:
    found = await Axe().run(page, options={"resultTypes": ["violations"]})
    return [
        f"{page.url}: {wrong['id']}: {[node['target'] for node in wrong['nodes']][:3]}"
        for wrong in found.response["violations"]
        if wrong["impact"] in ("serious", "critical")
    ]


async def settled(page: Page) -> None:
    await expect(page.locator("main > .page")).to_be_visible()
    await expect(page.locator("main [aria-busy]")).to_have_count(0)


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_no_barrier_in_any_view(visitors: NewVisitor, theme: Any) -> None:
    visitor = visitors(admin=True)
    page = await visitor.comes(color_scheme=theme, reduced_motion="reduce")
    await visitor.orders(1)
    await visitor.sees_state("Done")
    found = await barriers(page)
    await visitor.done.first.get_by_role("button").click()
    await expect(page.get_by_role("button", name="As generated")).to_be_visible()
    found += await barriers(page)
    await page.keyboard.press("Escape")
    await visitor.goes_to("pick")
    await visitor.picks(2)
    for view in VIEWS:
        await visitor.goes_to(view)
        await settled(page)
        found += await barriers(page)
    assert found == []


async def test_a_phone_needs_no_sideways_scrolling(visitors: NewVisitor) -> None:
    visitor = visitors(admin=True)
    page = await visitor.comes(width=360, height=740, has_touch=True, is_mobile=True)
    await visitor.orders(2)
    await visitor.goes_to("pick")
    await visitor.picks(2)
    wide = {}
    for view in (*VIEWS, page.url.partition("#/")[2]):
        await visitor.goes_to(view)
        await settled(page)
        wide[view] = await page.evaluate("document.documentElement.scrollWidth")
    assert {view: width for view, width in wide.items() if width > 360} == {}


async def test_both_languages_say_everything(visitor: Visitor) -> None:
    page = await visitor.comes(locale="id-ID")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Pilih pose")
    english = dict(await page.evaluate(WORDS, "en"))
    indonesian = dict(await page.evaluate(WORDS, "id"))
    assert english.keys() == indonesian.keys()
    used = {key for file in HERE.rglob("*.js") for key in STATIC_KEY.findall(file.read_text("utf-8"))}
    assert used - english.keys() == set()
    holes = re.compile(r"\{\w+\}")
    for key, said in english.items():
        assert set(holes.findall(str(said))) == set(holes.findall(str(indonesian[key]))), key


async def test_the_language_is_remembered(visitor: Visitor) -> None:
    page = await visitor.comes(locale="en-GB")
    await page.get_by_role("button", name="Settings").click()
    await page.get_by_label("Language").select_option("id")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Pilih pose")
    assert await page.locator("html").get_attribute("lang") == "id"
    await page.reload()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Pilih pose")


async def test_all_scripts_and_styles_are_light(visitor: Visitor) -> None:
    """What the first view needs, unpacked; and all there is, as it is sent."""
    page = await visitor.comes()
    await settled(page)
    entries = "performance.getEntriesByType('resource').filter(({ name }) => /\\.(js|css)$/.test(name))"
    assert (
        0 < await page.evaluate(f"{entries}.reduce((sum, one) => sum + one.decodedBodySize, 0)") < LIMIT_BYTES
    )
    sent = 0
    for file in HERE.rglob("*.*"):
        if file.suffix in (".js", ".css"):
            answer = await page.request.get(f"{visitor.url}/studio/{file.relative_to(HERE)}")
            sent += int(answer.headers["content-length"])
    assert sent < LIMIT_BYTES


async def test_nothing_jumps_while_the_library_loads(visitor: Visitor) -> None:
    page = await visitor.comes()
    await settled(page)
    await visitor.picks(1)
    shift = """() => new Promise((resolve) => new PerformanceObserver((list) => resolve(
        list.getEntries().filter((one) => !one.hadRecentInput).reduce((sum, one) => sum + one.value, 0)
    )).observe({ type: "layout-shift", buffered: true }) || setTimeout(resolve, 500, 0))"""
    assert await page.evaluate(shift) < 0.05


async def test_the_whole_library_can_be_walked_through(visitor: Visitor) -> None:
    page = await visitor.comes()
    await settled(page)
    total = int((await page.locator(".gallery-column > .hint").inner_text()).split()[0])
    assert total > 600
    while await page.locator("button.pose").count() < total:
        await page.mouse.wheel(0, 20_000)
        await page.evaluate("new Promise(requestAnimationFrame)")
