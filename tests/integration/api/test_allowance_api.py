"""What a user may order in a minute, at the door: what counts, what does not, and what the answers say."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest

from schema.database import Database
from schema.settings import Settings
from tests.integration.api.conftest import Clients, gallery
from tests.integration.api.darkroom import Darkroom
from tests.integration.api.stand_in import StandIn
from tests.orders import sql
from tests.servers.database_clock import DatabaseClock

LIMIT = 12


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"rate_limit_items_per_minute": LIMIT})


@pytest.fixture(autouse=True)
def clock(database_url: str) -> DatabaseClock:
    """Stands still: nothing comes back by itself, however slow the machine is."""
    return DatabaseClock(database_url)


Body = dict[str, Any]


@pytest.fixture
def body(project: str, poses: list[str]) -> Body:
    """Five items."""
    return gallery(project, poses[:1], batchSize=5)


async def order(
    client: httpx.AsyncClient, body: Body, key: str | None = None, **params: Any
) -> httpx.Response:
    headers = {"Idempotency-Key": key} if key else {}
    return await client.post("/generate", json=body, headers=headers, params=params)


def left(answer: httpx.Response) -> str:
    return answer.headers["RateLimit"]


async def test_success_tells_what_is_left(ana: httpx.AsyncClient, body: Body) -> None:
    answer = await order(ana, body)
    assert answer.status_code == 202
    assert answer.headers["RateLimit-Policy"] == '"items";q=12;qu="items";w=60'
    assert left(answer) == '"items";r=7;t=25'
    assert "Retry-After" not in answer.headers


async def test_too_many_are_429_and_say_when(
    ana: httpx.AsyncClient, gateway: StandIn, clock: DatabaseClock, body: Body
) -> None:
    for _ in range(2):
        assert (await order(ana, body)).status_code == 202
    refused = await order(ana, body)
    error = refused.json()["error"]
    assert (refused.status_code, error["code"], error["statusCode"]) == (429, "RATE_LIMITED", 429)
    assert error["message"] == "Too many pictures in a minute: 5 asked, 2 of 12 left. Try again in 15 s."
    assert error["details"] == {"required": 5, "available": 2, "limitPerMinute": 12}
    assert refused.headers["Retry-After"] == "15"
    assert left(refused) == '"items";r=2;t=15'
    assert refused.headers["RateLimit-Policy"] == '"items";q=12;qu="items";w=60'
    assert len(gateway.orders) == 2
    clock.move(timedelta(seconds=14))
    assert (await order(ana, body)).status_code == 429
    clock.move(timedelta(seconds=1))
    assert (await order(ana, body)).status_code == 202


async def test_a_refused_order_leaves_nothing(
    ana: httpx.AsyncClient, database: Database, clock: DatabaseClock, body: Body
) -> None:
    """No charge, and no key: repeated later it is placed."""
    await order(ana, body)
    await order(ana, body)
    before = (await ana.get("/credits")).json()["balance"]
    assert (await order(ana, body, "again")).status_code == 429
    assert (await ana.get("/credits")).json()["balance"] == before
    assert await sql(database, "SELECT count(*) FROM idempotency_keys") == [(0,)]
    clock.move(timedelta(seconds=15))
    answer = await order(ana, body, "again")
    assert (answer.status_code, "Idempotency-Replayed" in answer.headers) == (202, False)


async def test_a_repeat_takes_nothing(ana: httpx.AsyncClient, body: Body) -> None:
    first = await order(ana, body, "once")
    for _ in range(5):
        again = await order(ana, body, "once")
        assert (again.status_code, again.json()) == (202, first.json())
        assert "RateLimit-Policy" in again.headers
    assert left(await order(ana, body)) == '"items";r=2;t=50'


async def test_repeats_at_once_take_once(ana: httpx.AsyncClient, gateway: StandIn, body: Body) -> None:
    answers = await asyncio.gather(*(order(ana, body, "once") for _ in range(20)))
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["generationId"] for answer in answers}) == 1
    assert left(await order(ana, body)) == '"items";r=2;t=50'


async def test_orders_at_once_get_exactly_the_limit(
    ana: httpx.AsyncClient, gateway: StandIn, body: Body
) -> None:
    single = body | {"batchSize": 1}
    answers = await asyncio.gather(*(order(ana, single) for _ in range(20)))
    codes = sorted(answer.status_code for answer in answers)
    assert codes == [202] * LIMIT + [429] * (20 - LIMIT)
    assert len(gateway.orders) == LIMIT


async def test_what_is_wrong_takes_nothing(
    ana: httpx.AsyncClient, as_user: Clients, body: Body, poses: list[str]
) -> None:
    wrong = [
        body | {"projectId": "proj_nowhere"},
        body | {"selectedPoseIds": ["pose_nowhere"]},
        body | {"selectedPoseIds": ["pose_gold"]},
        body | {"prompt": "with a gun"},
        body | {"batchSize": 99},
    ]
    for each in wrong:
        answer = await order(ana, each)
        assert answer.status_code in (400, 403, 404)
        assert "RateLimit" not in answer.headers
    assert (await order(as_user("ben"), body)).status_code == 404
    assert (await order(ana, body, dryRun="true")).status_code == 200
    assert left(await order(ana, body)) == '"items";r=7;t=25'


async def test_an_order_without_credits_keeps_one_item(
    ana: httpx.AsyncClient, clock: DatabaseClock, body: Body
) -> None:
    """It cost a workflow, but no pictures."""
    for _ in range(3):
        assert (await order(ana, body | {"batchSize": 10})).status_code == 202
        clock.move(timedelta(minutes=1))
    refused = await order(ana, body)
    assert (refused.status_code, left(refused)) == (402, '"items";r=11;t=5')
    assert left(await order(ana, body)) == '"items";r=10;t=10'


async def test_an_order_larger_than_the_limit_passes_when_nothing_else_was_ordered(
    ana: httpx.AsyncClient, rich: None, project: str, poses: list[str]
) -> None:
    large = gallery(project, poses, batchSize=10)
    answer = await order(ana, large)
    assert (answer.status_code, left(answer)) == (202, '"items";r=0;t=150')
    refused = await order(ana, large)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "150")


async def test_a_start_that_broke_off_is_taken_once(
    ana: httpx.AsyncClient, gateway: StandIn, body: Body
) -> None:
    gateway.away = True
    assert (await order(ana, body, "broken")).status_code == 503
    gateway.away = False
    finished = await order(ana, body, "broken")
    assert finished.status_code == 202
    assert left(await order(ana, body)) == '"items";r=2;t=50'


async def test_a_retry_counts_the_pictures_it_makes(
    ana: httpx.AsyncClient, gateway: StandIn, body: Body
) -> None:
    generation = (await order(ana, body)).json()["generationId"]
    for index in range(2):
        await gateway.deliver(generation, index)
    await gateway.settle(generation, "CANCELLED")
    first = await ana.post(f"/generations/{generation}/retry")
    assert (first.status_code, left(first)) == (202, '"items";r=4;t=40')
    assert left(await ana.post(f"/generations/{generation}/retry")) == '"items";r=1;t=55'
    refused = await ana.post(f"/generations/{generation}/retry")
    assert (refused.status_code, refused.json()["error"]["code"]) == (429, "RATE_LIMITED")


async def test_users_have_a_bucket_each(ana: httpx.AsyncClient, as_user: Clients, body: Body) -> None:
    ben = as_user("ben")
    project = (await ben.post("/projects", json={"projectName": "Own"})).json()["project"]["id"]
    for _ in range(2):
        await order(ana, body)
    assert (await order(ana, body)).status_code == 429
    assert left(await order(ben, body | {"projectId": project})) == '"items";r=7;t=25'


async def test_browsers_may_read_the_headers(ana: httpx.AsyncClient, body: Body) -> None:
    answer = await ana.post("/generate", json=body, headers={"Origin": "https://shop.example"})
    exposed = {name.strip() for name in answer.headers["Access-Control-Expose-Headers"].split(",")}
    assert {"RateLimit", "RateLimit-Policy", "Retry-After"} <= exposed


async def test_making_an_export_counts_as_a_picture(darkroom: Darkroom, poses: list[str]) -> None:
    """A download of what is there does not."""
    generation = await darkroom.order(poses[:1])
    await darkroom.deliver(generation, [0])
    path = f"/poses/{(await darkroom.item(generation)).id}"
    export = await darkroom.client.post(f"{path}/regenerate-export", json={"formatName": "tiktok"})
    assert (export.status_code, left(export)) == (200, '"items";r=10;t=10')
    for _ in range(2):
        download = await darkroom.client.post(f"{path}/download", json={"formatName": "tiktok"})
        assert (download.status_code, "RateLimit" in download.headers) == (200, False)
    for _ in range(10):
        await darkroom.client.post(f"{path}/regenerate-export", json={"formatName": "tiktok"})
    refused = await darkroom.client.post(f"{path}/download", json={"formatName": "shopee"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (429, "RATE_LIMITED")
