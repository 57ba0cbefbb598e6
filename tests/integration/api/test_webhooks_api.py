"""Webhook settings, secrets, the list of deliveries, and what is refused before anything is sent."""

import asyncio
import re
from datetime import timedelta
from typing import Any

import httpx
import pytest

from schema.database import Database
from schema.queries.webhooks import secrets
from schema.settings import Settings
from schema.tables import WebhookAttempt, WebhookDelivery
from schema.tables.columns import now
from tests.integration.api.conftest import Clients, gallery
from tests.integration.api.stand_in import StandIn

USUAL = ["generation.completed", "generation.failed", "generation.cancelled"]
NOT_POSSIBLE = [
    "http://shop.example/hook",
    "https://10.0.0.1/hook",
    "https://169.254.169.254/latest/meta-data",
    "https://[fd00::1]/hook",
    "https://127.1/hook",
    "https://ann:secret@shop.example/hook",
    "https://shop.example:99999/hook",
    "ftp://shop.example/hook",
    "shop.example/hook",
    "javascript:alert(1)",
    "https://" + "a" * 2048,
]


async def put(client: httpx.AsyncClient, **body: Any) -> httpx.Response:
    return await client.put("/webhooks", json=body)


def refused(answer: httpx.Response, path: str) -> None:
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (400, "VALIDATION_ERROR"), answer.text
    assert [detail["path"] for detail in error["details"]] == [path]


async def test_at_first_there_is_nothing(ana: httpx.AsyncClient) -> None:
    seen = (await ana.get("/webhooks")).json()
    assert seen == {"url": None, "events": USUAL, "secret": None, "disabledUrls": []}


async def test_settings_are_set_whole_and_cleared(ana: httpx.AsyncClient, as_user: Clients) -> None:
    url, events = "https://shop.example/hook?key=1", ["item.completed"]
    for answer in (await put(ana, url=url, events=events), await ana.get("/webhooks")):
        assert (answer.json()["url"], answer.json()["events"]) == (url, events)
    assert (await as_user("ben").get("/webhooks")).json()["url"] is None
    cleared = (await put(ana)).json()
    assert (cleared["url"], cleared["events"]) == (None, USUAL)


async def test_settings_set_at_once_are_one_of_them(ana: httpx.AsyncClient) -> None:
    urls = [f"https://shop{n}.example/" for n in range(8)]
    answers = await asyncio.gather(*(put(ana, url=url) for url in urls))
    assert {answer.status_code for answer in answers} == {200}
    assert (await ana.get("/webhooks")).json()["url"] in urls


@pytest.mark.parametrize("url", NOT_POSSIBLE)
async def test_a_url_that_cannot_be_right_is_refused_wherever_it_is_given(
    ana: httpx.AsyncClient, project: str, poses: list[str], url: str
) -> None:
    refused(await put(ana, url=url), "url")
    refused(await ana.post("/webhooks/test", json={"url": url}), "url")
    refused(await ana.post("/generate", json=gallery(project, poses, webhookUrl=url)), "webhookUrl")
    assert (await ana.get("/generations")).json()["generations"] == []
    assert (await ana.get("/webhooks/deliveries")).json()["deliveries"] == []


@pytest.mark.parametrize("events", [["generation.begun"], ["test.ping"], "item.completed", [None]])
async def test_events_that_do_not_exist(
    ana: httpx.AsyncClient, project: str, poses: list[str], events: Any
) -> None:
    for answer in (
        await put(ana, events=events),
        await ana.post("/generate", json=gallery(project, poses, webhookEvents=events)),
    ):
        assert answer.json()["error"]["code"] == "VALIDATION_ERROR"


async def test_an_order_says_what_its_receiver_is_told(
    ana: httpx.AsyncClient, project: str, poses: list[str], gateway: StandIn
) -> None:
    async def ordered(**fields: Any) -> tuple[str | None, list[str]]:
        answer = await ana.post("/generate", json=gallery(project, poses[:1], batchSize=1, **fields))
        assert answer.status_code == 202, answer.text
        order = gateway.orders[answer.json()["generationId"]]
        return order.webhook_url, list(order.webhook_events)

    mine, other = "https://mine.example/", "https://other.example/"
    assert await ordered() == (None, [])
    assert await ordered(webhookEvents=["item.completed"]) == (None, [])
    assert await ordered(webhookUrl=other) == (other, USUAL)
    twice = ["item.completed", "item.completed"]
    assert await ordered(webhookUrl=other, webhookEvents=twice) == (other, ["item.completed"])
    await put(ana, url=mine, events=["generation.failed"])
    assert await ordered() == (mine, ["generation.failed"])
    assert await ordered(webhookUrl=other) == (other, ["generation.failed"])
    assert await ordered(webhookEvents=[]) == (mine, [])


async def test_a_secret_is_shown_once(ana: httpx.AsyncClient, as_user: Clients) -> None:
    made = (await ana.post("/webhooks/secret")).json()
    assert re.fullmatch(r"whsec_[A-Za-z0-9+/]{32}", made["secret"])
    assert (made["previousValidUntil"], made["hint"][-4:]) == (None, made["secret"][-4:])
    seen = (await ana.get("/webhooks")).json()["secret"]
    assert seen.keys() == {"hint", "createdAt", "previousValidUntil"}
    assert seen["hint"] == made["hint"]
    again = (await ana.post("/webhooks/secret", json={})).json()
    assert again["secret"] != made["secret"]
    assert again["previousValidUntil"] > (now() + timedelta(hours=23)).isoformat()
    assert (await as_user("ben").get("/webhooks")).json()["secret"] is None


async def test_rotating_without_end_is_refused_and_revoking_helps(ana: httpx.AsyncClient) -> None:
    answers = [await ana.post("/webhooks/secret") for _ in range(secrets.MAX_VALID + 1)]
    assert [answer.status_code for answer in answers] == [200] * secrets.MAX_VALID + [409]
    revoked = await ana.post("/webhooks/secret", json={"revokePrevious": True})
    assert (revoked.status_code, revoked.json()["previousValidUntil"]) == (200, None)


async def _sent(database: Database, number: int, user: str = "ana", **facts: Any) -> None:
    """A message that was tried once in vain, so many minutes ago."""
    both: dict[str, Any] = {"user_id": user, "host": "shop.example"}
    row: dict[str, Any] = {"event": "test.ping", "status": "failed", "attempts": 1}
    verdict: dict[str, Any] = {"status_code": 500, "error_code": "BAD_STATUS", "response": "no"}
    message_id, at = f"msg_{number:03d}", now() - timedelta(minutes=number)
    message = {"url": "https://shop.example/", "body": '{"type": "test.ping"}', "created_at": at}
    async with database.transaction() as session:
        session.add(WebhookDelivery(id=message_id, **(both | row | message | facts)))
        await session.flush()
        session.add(
            WebhookAttempt(delivery_id=message_id, number=1, call="x", duration_ms=7, **(both | verdict))
        )


async def test_deliveries_page_by_page(ana: httpx.AsyncClient, as_user: Clients, database: Database) -> None:
    for user in ("ana", "ben"):
        await as_user(user).get("/webhooks")
    for number in range(7):
        await _sent(database, number)
    await _sent(database, 50, "ben")
    seen: list[str] = []
    params: dict[str, Any] = {"limit": 3}
    while params.get("cursor", "first"):
        page = (await ana.get("/webhooks/deliveries", params=params)).json()
        seen += [each["id"] for each in page["deliveries"]]
        params["cursor"] = page["nextCursor"]
    assert seen == [f"msg_{number:03d}" for number in range(7)]
    for bad in ("x", "!!", "a" * 501):
        answer = await ana.get("/webhooks/deliveries", params={"cursor": bad})
        assert answer.json()["error"]["code"] == "VALIDATION_ERROR"


async def test_deliveries_by_status_and_event(ana: httpx.AsyncClient, database: Database) -> None:
    await ana.get("/webhooks")
    await _sent(database, 0, event="generation.failed")
    await _sent(database, 1, status="delivered", delivered_at=now())
    await _sent(database, 2, status="pending", next_attempt_at=now())

    async def found(**params: str) -> list[str]:
        answer = await ana.get("/webhooks/deliveries", params=params)
        return [each["id"] for each in answer.json()["deliveries"]]

    assert await found(status="delivered") == ["msg_001"]
    assert await found(status="pending") == ["msg_002"]
    assert await found(event="generation.failed") == ["msg_000"]
    assert await found(event="nothing") == []
    assert await found(generationId="gen_none") == []
    assert (await ana.get("/webhooks/deliveries", params={"status": "odd"})).status_code == 400


async def test_one_delivery_tells_of_each_attempt(ana: httpx.AsyncClient, database: Database) -> None:
    await ana.get("/webhooks")
    await _sent(database, 0, last_error="BAD_STATUS", last_status=500)
    seen = (await ana.get("/webhooks/deliveries/msg_000")).json()["delivery"]
    assert (seen["attemptCount"], seen["lastStatusCode"], seen["errorCode"]) == (1, 500, "BAD_STATUS")
    assert seen["payload"] == {"type": "test.ping"}
    (attempt,) = seen["attempts"]
    assert (attempt["durationMs"], attempt["statusCode"], attempt["response"]) == (7, 500, "no")
    assert attempt["error"] == seen["error"] == "The receiver answered with a status that is not 2xx."
    for method, path in (("GET", ""), ("POST", "/redeliver")):
        answer = await ana.request(method, f"/webhooks/deliveries/msg_none{path}")
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NOT_FOUND")


async def test_without_temporal_it_is_said_plainly(ana: httpx.AsyncClient, database: Database) -> None:
    await ana.get("/webhooks")
    await _sent(database, 0)
    for answer in (
        await ana.post("/webhooks/test", json={"url": "https://shop.example/"}),
        await ana.post("/webhooks/deliveries/msg_000/redeliver"),
    ):
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "UNAVAILABLE")
        assert "Retry-After" in answer.headers


async def test_a_message_is_not_sent_without_end(ana: httpx.AsyncClient, database: Database) -> None:
    await ana.get("/webhooks")
    await _sent(database, 0, attempts=100)
    answer = await ana.post("/webhooks/deliveries/msg_000/redeliver")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "CONFLICT")


async def test_tests_are_limited(
    ana: httpx.AsyncClient, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("schema.queries.webhooks.messages.PINGS_A_MINUTE", 2)
    bodies = [{"url": "https://shop.example/"}] * 5
    answers = await asyncio.gather(*(ana.post("/webhooks/test", json=body) for body in bodies))
    codes = sorted(answer.status_code for answer in answers)
    assert codes == [429] * 3 + [503] * 2
    limited = next(answer for answer in answers if answer.status_code == 429)
    assert (limited.json()["error"]["code"], limited.headers["retry-after"]) == ("RATE_LIMITED", "60")


async def test_production_takes_no_loopback(database_url: str) -> None:
    assert Settings(_env_file=None).allow_loopback
    strict = Settings(_env_file=None, environment="production", jwt_secret="x" * 32)
    assert not strict.allow_loopback


async def test_the_document_says_what_a_receiver_gets(ana: httpx.AsyncClient, base_url: str) -> None:
    async with httpx.AsyncClient(base_url=base_url) as anyone:
        document = (await anyone.get("/openapi.json")).json()
    start = document["paths"]["/api/apps/pose-generator/generate"]["post"]
    receive = start["callbacks"]["receive"]["{$request.body#/webhookUrl}"]["post"]
    assert {header["name"] for header in receive["parameters"]} == {
        "webhook-id",
        "webhook-timestamp",
        "webhook-signature",
    }
    assert "422" not in receive["responses"]
    assert {"GenerationMessage", "ItemMessage"} < set(document["components"]["schemas"])
    assert "HTTPValidationError" not in str(document)
