"""A real Chromium before a real `posegen up`. One browser for all tests of a process, a context for each."""

from collections.abc import AsyncIterator, Callable

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright

from cli.token import mint
from schema.kinds import Role
from tests.browser.chromium import found
from tests.browser.visitor import Visitor
from tests.chaos.scene import Scene, opened
from tests.servers.up import Up

NewVisitor = Callable[..., Visitor]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-dev-shm-usage"]  # root in a container has neither
        browser = await playwright.chromium.launch(executable_path=found(), args=arguments)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def scene(up: Up) -> AsyncIterator[Scene]:
    async with opened(up) as scene:
        yield scene


@pytest_asyncio.fixture(loop_scope="session")
async def visitors(scene: Scene, browser: Browser) -> AsyncIterator[NewVisitor]:
    """Makes visitors; each has a browser profile of its own, and nothing of theirs may go wrong unseen."""
    made: list[Visitor] = []

    def new(*, admin: bool = False, user: str | None = None) -> Visitor:
        role = Role.ADMIN if admin else Role.USER
        token = mint(scene.shop.settings, user or scene.customer.name, role)
        made.append(Visitor(browser, scene.up.stack.api_url, token))
        return made[-1]

    yield new
    for visitor in made:
        await visitor.close()
    assert [wrong for visitor in made for wrong in visitor.wrongs] == []


@pytest.fixture
def visitor(visitors: NewVisitor) -> Visitor:
    return visitors()
