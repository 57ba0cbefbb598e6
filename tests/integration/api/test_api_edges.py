"""What is true of every answer: errors in one shape, request ids, limits, headers, and no internals."""

import asyncio
import itertools
import json
import logging
import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from api.app import PREFIX
from schema.database import Database
from schema.tables import User
from tests.integration.api.conftest import Clients, gallery, token
from tests.integration.api.stand_in import StandIn

JSON = {"Content-Type": "application/json"}


ROUTES = [
    ("GET", "/library"),
    ("GET", "/generations"),
    ("POST", "/generate"),
    ("GET", "/generations/gen_x/events"),
    ("GET", "/events"),
    ("POST", "/events/ticket"),
    ("GET", "/credits"),
    ("GET", "/formats"),
    ("DELETE", "/projects/proj_x"),
]


async def test_everything_needs_a_token(base_url: str) -> None:
    no_tokens: list[dict[str, str]] = [{}, {"Authorization": "Basic YTpi"}, {"Authorization": "Bearer x.y.z"}]
    async with httpx.AsyncClient(base_url=base_url + PREFIX) as client:
        for (method, path), headers in itertools.product(ROUTES, no_tokens):
            answer = await client.request(method, path, headers=headers, json={})
            error = answer.json()["error"]
            assert (answer.status_code, error["code"], error["statusCode"]) == (401, "UNAUTHENTICATED", 401)
            assert answer.headers["WWW-Authenticate"] == "Bearer"


async def test_unknown_routes_and_methods(ana: httpx.AsyncClient, base_url: str) -> None:
    unknown = await ana.get("/nowhere")
    assert (unknown.status_code, unknown.json()["error"]["code"]) == (404, "NOT_FOUND")
    wrong = await ana.delete("/library")
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (405, "METHOD_NOT_ALLOWED")
    assert wrong.headers["Allow"] == "GET, POST", "of all routes there"
    async with httpx.AsyncClient() as anyone:
        assert (await anyone.get(base_url + "/files")).json()["error"]["code"] == "NOT_FOUND"


BROKEN = [
    b"",
    b"{",
    b"null",
    b"[]",
    b'"text"',
    b"NaN",
    b'{"projectName": NaN}',
    b'{"projectName": 1e999}',
    b"\xff\xfe",
    b'{"projectName": "\\ud800"}',
    b"[" * 100_000 + b"]" * 100_000,
    b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
    b'{"projectName": ' + b"9" * 5000 + b"}",
]


async def test_broken_bodies_are_400(ana: httpx.AsyncClient) -> None:
    for body in BROKEN:
        answer = await ana.post("/projects", content=body, headers=JSON)
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "VALIDATION_ERROR"), body[:30]


HALF_A_LETTER = "\ud800"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/poses/item_x/regenerate-export", {"formatName": HALF_A_LETTER}),
        ("/generate", {"generationType": HALF_A_LETTER}),
        ("/projects", {HALF_A_LETTER: 1}),
        ("/library", {"posture": {HALF_A_LETTER: {HALF_A_LETTER: HALF_A_LETTER}}, "camera": {"yaw": "x"}}),
        ("/library", {"openpose": {HALF_A_LETTER: 1}}),
    ],
)
async def test_what_is_no_text_is_refused_and_may_be_repeated(
    as_user: Clients, poses: list[str], path: str, body: dict[str, Any]
) -> None:
    pose = {
        "name": "Bow",
        "description": "a person who bows deeply",
        "tags": ["a", "b"],
        "categoryId": "sitting",
    }
    root = as_user("root", role="admin")
    answer = await root.post(path, content=json.dumps(pose | body).encode(), headers=JSON)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "VALIDATION_ERROR"), answer.text


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/generate", {"batchSize": "4"}),
        ("/generate", {"batchSize": True}),
        ("/generate", {"useBackgroundChanger": 1}),
        ("/generate", {"useBackgroundChanger": "yes"}),
        ("/webhooks/secret", {"revokePrevious": 0}),
        ("/generations/gen_x/share", {"expiresInHours": "1"}),
    ],
)
async def test_words_and_truth_are_no_numbers(
    ana: httpx.AsyncClient, path: str, body: dict[str, Any]
) -> None:
    answer = await ana.post(path, json=gallery("proj_x", ["pose_arms"]) | body)
    assert [detail["path"] for detail in answer.json()["error"]["details"]] == [*body], answer.text


async def test_a_whole_number_may_have_a_point(
    ana: httpx.AsyncClient, project: str, poses: list[str]
) -> None:
    answer = await ana.post("/generate?dryRun=true", json=gallery(project, poses[:1], batchSize=2.0))
    assert answer.json()["totalPosesExpected"] == 2


async def test_texts_are_measured_in_characters(ana: httpx.AsyncClient) -> None:
    for text, least_or_most in (("", "at least 1 character"), ("x" * 201, "at most 200 characters")):
        answer = await ana.post("/projects", json={"projectName": text})
        assert answer.json()["error"]["message"] == f"projectName: String should have {least_or_most}"


async def test_large_bodies_are_413(ana: httpx.AsyncClient) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b" " * 65_536

    for body in (b" " * (1024 * 1024 + 1), chunks()):
        answer = await ana.post("/projects", content=body, headers=JSON)
        assert (answer.status_code, answer.json()["error"]["code"]) == (413, "PAYLOAD_TOO_LARGE")
    just_fits = b'{"projectName": "x"}' + b" " * (1024 * 1024 - 20)
    assert (await ana.post("/projects", content=just_fits, headers=JSON)).status_code == 201


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/generations/gen_%00", "NOT_FOUND"),
        ("/poses/%00", "NOT_FOUND"),
        ("/library?search=%00", "VALIDATION_ERROR"),
        ("/generations?projectId=a%00b", "VALIDATION_ERROR"),
    ],
)
async def test_nul_characters_find_nothing(ana: httpx.AsyncClient, path: str, code: str) -> None:
    assert (await ana.get(path)).json()["error"]["code"] == code


async def test_request_ids(ana: httpx.AsyncClient) -> None:
    drawn = (await ana.get("/credits")).headers["X-Request-Id"]
    assert len(drawn) == 32
    kept = await ana.get("/credits", headers={"X-Request-Id": "shop-4711.a"})
    assert kept.headers["X-Request-Id"] == "shop-4711.a"
    for bad in ("short", "x" * 65, "with space in it", "<script>xx"):
        assert (await ana.get("/nowhere", headers={"X-Request-Id": bad})).headers["X-Request-Id"] != bad


async def test_careful_headers(ana: httpx.AsyncClient) -> None:
    for answer in (await ana.get("/credits"), await ana.get("/nowhere")):
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["Cache-Control"] == "no-store"


async def test_cors_for_the_configured_origin_only(ana: httpx.AsyncClient) -> None:
    good = await ana.get("/credits", headers={"Origin": "https://shop.example"})
    assert good.headers["Access-Control-Allow-Origin"] == "https://shop.example"
    assert "Idempotency-Replayed" in good.headers["Access-Control-Expose-Headers"]
    bad = await ana.get("/credits", headers={"Origin": "https://evil.example"})
    assert "Access-Control-Allow-Origin" not in bad.headers
    asked = {"Origin": "https://shop.example", "Access-Control-Request-Method": "POST"}
    asked["Access-Control-Request-Headers"] = "idempotency-key"
    preflight = await ana.options("/generate", headers=asked)
    assert preflight.status_code == 200


async def test_the_unexpected_is_500_with_a_request_id_and_no_internals(
    ana: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def explode(*_: object, **__: object) -> None:
        raise KeyError("secret detail")

    monkeypatch.setattr("schema.queries.library.categories", explode)
    with caplog.at_level(logging.ERROR):
        answer = await ana.get("/categories", headers={"Origin": "https://shop.example"})
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["statusCode"]) == (500, "INTERNAL", 500)
    assert "secret" not in answer.text
    assert error["details"]["requestId"] == answer.headers["X-Request-Id"]
    assert answer.headers["Access-Control-Allow-Origin"] == "https://shop.example"
    assert error["details"]["requestId"] in caplog.text
    assert "secret detail" in caplog.text


async def test_users_exist_from_their_first_request(as_user: Clients, database: Database) -> None:
    client = as_user("new one", role="admin")
    answers = await asyncio.gather(*(client.get("/credits") for _ in range(10)))
    assert {answer.json()["balance"] for answer in answers} == {1000}
    async with database.transaction() as session:
        assert (await session.get_one(User, "new one")).role == "admin"


async def test_health_names_the_parts(base_url: str, gateway: StandIn) -> None:
    async with httpx.AsyncClient(base_url=base_url) as anyone:
        found = await anyone.get(PREFIX + "/health")
        assert (found.status_code, found.json()["status"]) == (200, "degraded")
        checks = found.json()["checks"]
        assert {name: check["status"] for name, check in checks.items()} == {
            "database": "healthy",
            "temporal": "healthy",
            "workers": "degraded",
            "storage": "healthy",
        }
        assert checks["workers"]["queues"]["pose-flux"] == {"pollers": 0, "backlog": 7}
        assert (await anyone.get("/livez")).status_code == 200
        assert (await anyone.get("/readyz")).status_code == 200


async def test_health_without_temporal(base_url: str, gateway: StandIn) -> None:
    gateway.away = True
    async with httpx.AsyncClient(base_url=base_url) as anyone:
        found = await anyone.get(PREFIX + "/health")
        assert (found.status_code, found.json()["checks"]["temporal"]["status"]) == (503, "unhealthy")
        assert (await anyone.get("/readyz")).status_code == 200


OPEN = {"/health", "/shared/{token}"}
"""Routes that need no token of a user."""


async def test_openapi_is_complete(base_url: str) -> None:
    async with httpx.AsyncClient(base_url=base_url) as anyone:
        document = (await anyone.get("/openapi.json")).json()
        assert (await anyone.get("/docs")).status_code == 200
    assert set(document["components"]["securitySchemes"]) == {"bearer", "ticket"}
    assert "HTTPValidationError" not in str(document)
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            place = f"{method} {path}"
            assert operation["summary"], place
            assert operation["tags"], place
            if path.startswith(PREFIX) and path.removeprefix(PREFIX) not in OPEN:
                assert operation["security"], place
                assert {"400", "401", "500", "503"} <= set(operation["responses"]), place
    patterns = re.findall(r'"pattern": "(.*?)"', json.dumps(document))
    assert patterns
    assert not [each for each in patterns if re.search(r"\\[wWdDsSbB]", each)], "each reader has its own"
    answers = document["paths"][PREFIX + "/generate"]["post"]["responses"]
    assert {"202", "402", "403", "404", "409", "413", "422", "429"} <= set(answers)
    examples = answers["400"]["content"]["application/json"]["examples"]
    assert set(examples) == {"VALIDATION_ERROR", "INVALID_PROMPT"}


async def test_a_token_in_the_query_is_no_token(base_url: str) -> None:
    async with httpx.AsyncClient(base_url=base_url + PREFIX) as anyone:
        assert (await anyone.get("/credits", params={"ticket": token()})).status_code == 401
