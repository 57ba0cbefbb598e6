"""A generation under the eyes of its owner: paused, cancelled, and watched through breaks and in two tabs."""

import os
import re
import signal

import pytest
from playwright.async_api import expect

from tests.browser.visitor import Visitor
from tests.chaos.scene import CREDITS, Scene
from tests.eventually import until

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_pause_and_resume(visitor: Visitor) -> None:
    page = await visitor.comes()
    await visitor.orders(4, variations=3)
    await page.get_by_role("button", name="Pause").click()
    await visitor.sees_state("Paused")
    await page.reload()
    await visitor.sees_state("Paused")
    await page.get_by_role("button", name="Resume").click()
    await visitor.sees_state("Done")
    await expect(visitor.done).to_have_count(12)


async def test_cancel_refunds_the_rest(visitor: Visitor, scene: Scene) -> None:
    page = await visitor.comes()
    generation = await visitor.orders(6, variations=4)
    await expect(visitor.done.first).to_be_visible()
    await page.get_by_role("button", name="Cancel").click()
    await page.get_by_role("button", name="Yes, cancel").click()
    await visitor.sees_state("Cancelled")
    kept = await visitor.done.count()
    await expect(page.locator(".tile.not-made")).to_have_count(24 - kept)
    await expect(page.locator(".watch-head")).to_contain_text(f"{(24 - kept) * 30:,} refunded")
    await expect(page.locator(".balance")).to_contain_text(f"{CREDITS - kept * 30:,}")
    await page.get_by_role("button", name="Make the missing ones").click()
    await page.wait_for_url(lambda url: "generations/gen_" in url and generation not in url)
    await expect(page.locator(".tile")).to_have_count(24 - kept)
    await page.get_by_role("button", name="Cancel").click()
    await page.get_by_role("button", name="Yes, cancel").click()
    await visitor.sees_state("Cancelled")


async def test_failed_pictures_say_why_and_are_made_again(visitor: Visitor, scene: Scene) -> None:
    await scene.shop.sim.post("/_sim/faults", json=[{"kind": "error_422"}])
    page = await visitor.comes()
    await visitor.orders(2)
    await visitor.sees_state("Done, some failed")
    failed = page.locator(".tile.failed")
    await expect(failed).to_have_count(1)
    await expect(failed).to_contain_text("The image service refused the request.")
    await expect(failed).to_contain_text("Refunded")
    await page.get_by_role("button", name="Make the missing ones").click()
    await expect(page.locator(".tile")).to_have_count(1)
    await visitor.sees_state("Done")


async def test_the_server_restarts_in_the_middle(visitor: Visitor, scene: Scene) -> None:
    visitor.expects_breaks()
    page = await visitor.comes()
    await visitor.orders(6, variations=2)
    await expect(visitor.done.first).to_be_visible()
    old = scene.up.process("api")
    os.kill(old.pid, signal.SIGKILL)
    await until(lambda: scene.up.process("api") != old)
    await expect(visitor.done).to_have_count(12)
    await visitor.sees_state("Done")
    await expect(page.locator(".connection")).to_have_text("Live")


async def test_the_network_is_cut_in_the_middle(visitor: Visitor) -> None:
    visitor.expects_breaks()
    page = await visitor.comes()
    await visitor.orders(6, variations=2)
    await expect(visitor.done.first).to_be_visible()
    await visitor.context.set_offline(True)
    await expect(page.locator(".connection")).to_have_text("Offline")
    await visitor.context.set_offline(False)
    await expect(visitor.done).to_have_count(12)
    await expect(page.locator(".connection")).to_have_text("Live")
    await visitor.sees_state("Done")


async def test_two_tabs_share_one_stream(visitor: Visitor) -> None:
    first = await visitor.comes()
    generation = await visitor.orders(4, variations=2)
    second = await visitor.opens_tab(f"#/generations/{generation}")
    for page in (first, second):
        await expect(page.locator(".tile")).to_have_count(8)
    assert len(visitor.streams) == 1
    await first.close()  # the one that listened
    await expect(second.locator(".tile.done")).to_have_count(8)
    await expect(second.locator(".watch-head .state")).to_have_text("Done")
    await expect(second.locator(".connection")).to_have_text("Live")


async def test_a_link_to_a_picture_opens_it(visitor: Visitor) -> None:
    page = await visitor.comes()
    generation = await visitor.orders(1)
    await visitor.sees_state("Done")
    tab = await visitor.opens_tab(f"#/generations/{generation}/0")
    await expect(tab.get_by_role("dialog").get_by_role("button", name="As generated")).to_be_visible()
    await tab.get_by_role("button", name="Close").click()
    await expect(tab.locator(".tile.done")).to_have_count(1)
    await expect(tab).to_have_url(re.compile(f"#/generations/{generation}$"))
    await page.bring_to_front()
