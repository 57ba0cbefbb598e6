"""What the Temporal Web UI of `posegen up` lets its operator see."""

import json
from base64 import b64encode
from functools import partial

import pytest
from playwright.async_api import Browser, Page, expect

from tests.chaos.scene import Scene, opened
from tests.eventually import eventually
from tests.servers.up import posegen_up

pytestmark = pytest.mark.asyncio(loop_scope="session")
CANARY = "canary in a teal batik shirt"


async def test_progress_is_asked_for_and_a_pause_set_and_ended(browser: Browser, scene: Scene) -> None:
    """By the names that the worker tells the UI."""
    await scene.shop.faults({"kind": "error_503", "stage": "status", "count": None})
    generation = await scene.order(2)
    page = await browser.new_page()
    await page.goto(f"{scene.up.stack.temporal_ui_url}/namespaces/default/workflows/{generation}")
    page.set_default_timeout(60_000)
    await page.get_by_role("tab", name="Queries").click()
    await page.get_by_test_id("query-select-button").click()
    await page.get_by_role("option", name="progress").click()
    await page.get_by_role("button", name="Run Query").click()
    for line in ('"status": "processing"', '"total": 2', '"credits_charged": 60'):
        await expect(page.get_by_text(line)).to_be_visible(timeout=60_000)
    for is_paused, status in ((True, "paused"), (False, "processing")):
        await _signalled(page, is_paused=is_paused)
        await eventually(partial(_has_status, scene, generation, status), bool)
    await page.close()
    await scene.shop.sim.delete("/_sim/faults")
    await scene.delivers(generation, 2)


async def _signalled(page: Page, *, is_paused: bool) -> None:
    await page.reload()  # its form for signals takes only one
    await page.get_by_role("button", name="More Actions").click()
    await page.get_by_role("menuitem", name="Send a Signal").click()
    form = page.get_by_role("dialog")
    await form.get_by_role("button", name="Select a signal").click()
    await page.get_by_role("option", name="set_paused").click()
    await form.get_by_role("textbox", name="Data").fill(json.dumps(is_paused))
    await form.get_by_role("button", name="Submit").click()


async def _has_status(scene: Scene, generation: str, status: str) -> bool:
    return bool((await scene.customer.get(f"/generations/{generation}"))["generation"]["status"] == status)


async def test_the_ui_opens_what_temporal_cannot_read(browser: Browser) -> None:
    with posegen_up("--latency", "0.1", PAYLOAD_KEYS="k1:" + b64encode(b"k" * 32).decode()) as up:
        async with opened(up) as scene:
            generation = await scene.customer.start(await scene.shop.poses(1), prompt=CANARY)
            await scene.delivers(generation, 1)
            handle = scene.shop.temporal.get_workflow_handle(generation)
            assert CANARY not in (await handle.fetch_history()).to_json()
            page = await browser.new_page()
            await page.goto(f"{up.stack.temporal_ui_url}/namespaces/default/workflows/{generation}")
            await expect(page.get_by_text(CANARY).first).to_be_visible(timeout=60_000)
            await expect(page.get_by_text("generate_image • item 1/1").first).to_be_visible(timeout=60_000)
            await page.close()
