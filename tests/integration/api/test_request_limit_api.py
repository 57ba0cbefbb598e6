"""How many requests an address may send, at the door: what counts, and what a refusal says."""

from collections.abc import AsyncIterator

import httpx
import pytest

from api.app import PREFIX
from schema.settings import Settings
from tests.integration.api.conftest import token

LIMIT = 5


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Ours is the proxy's address, so that requests can come from anywhere."""
    return settings.model_copy(
        update={
            "rate_limit_requests_per_minute": LIMIT,
            "trusted_proxies": Settings(_env_file=None, trusted_proxies="127.0.0.1").trusted_proxies,
        }
    )


@pytest.fixture
async def door(base_url: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=base_url) as client:
        yield client


async def codes(door: httpx.AsyncClient, address: str, paths: list[str], **headers: str) -> list[int]:
    sent = {"X-Forwarded-For": address, **headers}
    return [(await door.get(path, headers=sent)).status_code for path in paths]


async def spend(door: httpx.AsyncClient, address: str) -> None:
    """All but nothing: requests without a token count as well."""
    assert await codes(door, address, [f"{PREFIX}/credits"] * LIMIT) == [401] * LIMIT


async def test_one_too_many_is_429(door: httpx.AsyncClient) -> None:
    await spend(door, "198.51.100.1")
    refused = await door.get(
        f"{PREFIX}/credits",
        headers={"X-Forwarded-For": "198.51.100.1", "Authorization": f"Bearer {token()}"},
    )
    error = refused.json()["error"]
    assert (refused.status_code, error["code"], error["statusCode"]) == (429, "RATE_LIMITED", 429)
    wait = refused.headers["Retry-After"]
    assert 1 <= int(wait) <= 12
    assert (
        error["message"]
        == f"Too many requests from your address: at most 5 in a minute. Try again in {wait} s."
    )
    assert error["details"] == {"limitPerMinute": 5}
    assert refused.headers["RateLimit-Policy"] == '"requests";q=5;w=60'
    assert refused.headers["RateLimit"] == f'"requests";r=0;t={wait}'
    assert len(refused.headers["X-Request-Id"]) == 32


async def test_addresses_are_apart_and_a_network_is_one(door: httpx.AsyncClient) -> None:
    await spend(door, "198.51.100.1")
    assert await codes(door, "198.51.100.2", [f"{PREFIX}/credits"]) == [401]
    await spend(door, "2001:db8::1")
    assert await codes(door, "2001:db8::2", [f"{PREFIX}/credits"]) == [429]


async def test_files_pages_and_probes_do_not_count(door: httpx.AsyncClient) -> None:
    await spend(door, "198.51.100.1")
    free = [
        f"{PREFIX}/health",
        "/livez",
        "/readyz",
        "/",
        "/studio/style.css",
        "/files/none.png",
        "/openapi.json",
    ]
    found = await codes(door, "198.51.100.1", free * 3)
    assert 429 not in found
    assert await codes(door, "198.51.100.1", [f"{PREFIX}/nowhere", f"{PREFIX}/library"]) == [429, 429]


async def test_opening_a_stream_counts(door: httpx.AsyncClient) -> None:
    await spend(door, "198.51.100.1")
    assert await codes(door, "198.51.100.1", [f"{PREFIX}/events"]) == [429]


async def test_browsers_can_read_the_refusal(door: httpx.AsyncClient) -> None:
    """And asking beforehand whether they may is free."""
    origin = {"Origin": "https://shop.example"}
    asks = {**origin, "X-Forwarded-For": "198.51.100.1", "Access-Control-Request-Method": "GET"}
    for _ in range(2 * LIMIT):
        assert (await door.options(f"{PREFIX}/credits", headers=asks)).status_code == 200
    await spend(door, "198.51.100.1")
    refused = await door.get(f"{PREFIX}/credits", headers={**origin, "X-Forwarded-For": "198.51.100.1"})
    assert refused.status_code == 429
    assert refused.headers["Access-Control-Allow-Origin"] == "https://shop.example"


async def test_nobody_hides_behind_a_header_of_their_own(door: httpx.AsyncClient) -> None:
    """What stands left of what the proxy wrote is only the sender's word."""
    for number in range(LIMIT):
        assert await codes(door, f"203.0.113.{number}, 198.51.100.1", [f"{PREFIX}/credits"]) == [401]
    assert await codes(door, "203.0.113.99, 198.51.100.1", [f"{PREFIX}/credits"]) == [429]
