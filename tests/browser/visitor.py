"""Somebody before the Studio: what a person does there, and a record of all that went wrong meanwhile."""

import re
from typing import Any

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Request, expect

from api.app import PREFIX

WITHIN_MS = 60_000
expect.set_options(timeout=WITHIN_MS)
EXPECTED_WHEN_AWAY = re.compile(r"net::ERR_(INTERNET|CONNECTION|CONTENT|EMPTY|INCOMPLETE|NETWORK|SOCKET)\w*")


class Visitor:
    def __init__(self, browser: Browser, url: str, token: str) -> None:
        self.url = url
        self.api = url + PREFIX
        self.token = token
        self.wrongs: list[str] = []
        self.expected: list[re.Pattern[str]] = []
        self.streams: set[Request] = set()
        """Those that are open, in all tabs."""
        self._browser = browser
        self._context: BrowserContext | None = None
        self._page: Page | None = None

    @property
    def page(self) -> Page:
        assert self._page, "the visitor has not come yet"
        return self._page

    @property
    def context(self) -> BrowserContext:
        assert self._context, "the visitor has not come yet"
        return self._context

    async def comes(self, view: str = "pick", *, width: int = 1280, height: int = 800, **more: Any) -> Page:
        """By the demo link, then to a view."""
        await self.follows_link(viewport={"width": width, "height": height}, **more)
        await expect(self.page.locator("#nav")).to_be_visible()
        await self.goes_to(view)
        return self.page

    async def follows_link(self, **more: Any) -> Page:
        return await self.arrives_at(f"#token={self.token}", **more)

    async def arrives_at(self, place: str, **more: Any) -> Page:
        self._context = await self._browser.new_context(**{"locale": "en-GB", **more})
        self._context.set_default_timeout(WITHIN_MS)
        self._page = await self.opens_tab(place)
        return self._page

    async def opens_tab(self, place: str) -> Page:
        page = await self.context.new_page()
        page.on("console", self._console)
        page.on("request", self._request_begins)
        page.on("requestfinished", self._request_ends)
        page.on("requestfailed", self._request_ends)
        page.on("pageerror", lambda error: self.wrongs.append(f"page: {error}"))
        await page.add_init_script(
            "addEventListener('securitypolicyviolation', "
            "({ violatedDirective, blockedURI }) => console.error(`CSP ${violatedDirective} ${blockedURI}`))"
        )
        await page.goto(self.url + "/" + place)
        return page

    async def goes_to(self, view: str) -> None:
        await self.page.goto(f"{self.url}/#/{view}")

    async def picks(self, count: int) -> None:
        for place in range(count):
            await self.page.locator("button.pose:not(:has(.badge))").nth(place).click()
        await expect(self.tray).to_contain_text(f"{count} pose")

    async def sets_up(self, count: int, variations: int = 1) -> None:
        await self.picks(count)
        await self.tray.get_by_role("link", name="Continue").click()
        await self.page.get_by_label("Pictures of each pose").fill(str(variations))
        await expect(self.page.locator(".price")).to_contain_text(f"{count * variations * 30} credits")

    async def orders(self, count: int, variations: int = 1) -> str:
        """The generation's id."""
        await self.sets_up(count, variations)
        await self.page.get_by_role("button", name="Generate").click()
        await self.page.wait_for_url(re.compile("#/generations/gen_"))
        await expect(self.page.locator(".tile")).to_have_count(count * variations)
        return self.page.url.rpartition("/")[2]

    async def sees_state(self, state: str) -> None:
        await expect(self.page.locator(".watch-head .state")).to_have_text(state)

    @property
    def tray(self) -> Locator:
        return self.page.locator(".tray")

    @property
    def done(self) -> Locator:
        return self.page.locator(".tile.done")

    def expects(self, pattern: str) -> None:
        """A line of the console that the test itself provokes."""
        self.expected.append(re.compile(pattern))

    def expects_breaks(self) -> None:
        self.expected.append(EXPECTED_WHEN_AWAY)

    def _console(self, message: ConsoleMessage) -> None:
        text = f"{message.text} {message.location.get('url', '')}"
        if message.type in ("error", "warning") and not any(known.search(text) for known in self.expected):
            self.wrongs.append(f"{message.type}: {text}")

    def _request_begins(self, request: Request) -> None:
        if request.url.endswith("/events"):
            self.streams.add(request)

    def _request_ends(self, request: Request) -> None:
        self.streams.discard(request)

    async def close(self) -> None:
        if self._context:
            await self._context.close()
