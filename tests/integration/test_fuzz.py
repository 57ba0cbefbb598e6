"""The API by its own document: whatever is allowed is answered as it says, whatever is not is refused.

A short look; `make fuzz` takes a long one, by a user and by an administrator.
"""

import asyncio
import random
from typing import Any

import httpx
import pytest
from httpx_sse import EventSource
from pydantic import SecretStr

from cli.token import mint
from schema.kinds import Role
from schema.settings import Settings
from tests.fuzz import belongings
from tests.fuzz.fuzzing import fuzz
from tests.integration.front_door import Customer
from tests.integration.shop import Shop
from tests.lots import new_seed

SECONDS = 30
ODD = (
    "",
    "0",
    "-1",
    "1" * 10,
    "x",
    "gen_x:1",
    ":1",
    "gen_x:",
    "gen_x:\u0661",
    "a" * 200,
    "a" * 201,
    "é",
    "%00",
    "1\t2",
)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    secret = SecretStr("a-secret-of-the-tests-that-is-long-enough")
    return settings.model_copy(update={"rate_limit_requests_per_minute": 0, "jwt_secret": secret})


@pytest.mark.timeout(600)
async def test_the_api_keeps_its_document(ann: Customer, open_shop: Shop, door: str) -> None:
    """By an administrator, who may ask everything."""
    await open_shop.welcome("root", 3_000)
    seed = str(new_seed())
    token = mint(open_shop.settings, "root", Role.ADMIN)
    verdict = await fuzz(door, token, "--max-time", str(SECONDS), "--seed", seed, "--no-shrink")
    assert verdict.ok, verdict.report
    await open_shop.books_agree()


async def test_streams_whatever_they_are_asked_to_go_on_from(ann: Customer) -> None:
    ids = await belongings.gathered(ann.http)
    dice = random.Random(new_seed())
    places = [
        "/events",
        *(f"/generations/{one}/events" for one in (*ids["generation_id"], "gen_x", "x" * 64)),
    ]
    for _ in range(60):
        query = {name: dice.choice(ODD) for name in ("lastEventId", "ticket") if dice.random() < 0.5}
        headers = httpx.Headers({"Last-Event-ID": dice.choice(ODD)} if dice.random() < 0.5 else {}, "utf-8")
        await keeps_its_document(ann.http, dice.choice(places), query, headers)


async def keeps_its_document(
    http: httpx.AsyncClient, path: str, query: dict[str, str], headers: httpx.Headers
) -> None:
    async with http.stream("GET", path, params=query, headers=headers) as answer:
        if answer.status_code == 200:
            assert answer.headers["Content-Type"] == "text/event-stream; charset=utf-8"
            if path != "/events":  # where nothing runs nothing is said
                async with asyncio.timeout(10):
                    assert (await anext(EventSource(answer).aiter_sse())).event == "snapshot"
            return
        error: dict[str, Any] = (await _read(answer))["error"]
    assert answer.status_code in (400, 401, 404, 429), (path, query, headers, error)
    assert error["statusCode"] == answer.status_code


async def _read(answer: httpx.Response) -> Any:
    await answer.aread()
    return answer.json()
