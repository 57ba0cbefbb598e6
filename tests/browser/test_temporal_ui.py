"""The Temporal Web UI of `posegen up` shows its operator what is sealed for everybody else."""

from base64 import b64encode

import pytest
from playwright.async_api import Browser, expect

from tests.chaos.scene import opened
from tests.servers.up import posegen_up

pytestmark = pytest.mark.asyncio(loop_scope="session")
CANARY = "canary in a teal batik shirt"


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
