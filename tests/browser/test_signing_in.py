"""Who comes without a token, with a wrong one, or leaves."""

import pytest
from playwright.async_api import expect

from tests.browser.visitor import Visitor

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_wrong_token_is_told_and_a_right_one_taken(visitor: Visitor) -> None:
    visitor.expects("status of 401")
    token, visitor.token = visitor.token, "wrong"
    page = await visitor.follows_link()
    await expect(page.get_by_role("alert")).to_contain_text("token")
    await expect(page.locator("#nav")).to_be_hidden()
    await page.get_by_label("Token").fill(token)
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.locator("button.pose").first).to_be_visible()
    assert "token" not in page.url
    await page.get_by_role("button", name="Settings").click()
    await page.get_by_role("button", name="Sign out").click()
    await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
