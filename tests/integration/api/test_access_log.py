"""What the API writes of a request: its route and no secret; what it counts; who may see the numbers."""

import logging
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families as parsed
from pydantic import SecretStr

from api.app import PREFIX
from cli.up import ports
from schema.settings import Settings
from telemetry.logs import FIELDS, facts
from tests.servers.http import api_served

SECRET = "bERlp--Lk0FbuRTVBkgJHM9yIjeTjdVj"


def fields(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    return [getattr(record, FIELDS) for record in caplog.records if record.name == "api.access_log"]


async def test_a_line_names_the_route_and_not_the_address(
    base_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    asked = (
        f"/shared/{SECRET}",
        f"{PREFIX}/shared/{SECRET}",
        f"{PREFIX}/events?ticket={SECRET}",
        f"/{SECRET}",
    )
    async with httpx.AsyncClient(base_url=base_url, timeout=30) as anyone:
        for path in asked:
            await anyone.get(path)
        await anyone.request("PROPFIND", "/livez")
    said = fields(caplog)
    assert [(line["method"], line["route"], line["status"]) for line in said] == [
        ("GET", "/shared/{token}", 200),
        ("GET", f"{PREFIX}/shared/{{token}}", 404),
        ("GET", f"{PREFIX}/events", 401),
        ("GET", "unmatched", 404),
        ("OTHER", "/livez", 405),
    ]
    assert all(line["duration_ms"] > 0 for line in said)
    ours = [record for record in caplog.records if not record.name.startswith(("httpx", "httpcore"))]
    assert SECRET not in "".join(record.getMessage() + str(facts(record)) for record in ours)


async def numbers(anyone: httpx.AsyncClient, **options: Any) -> dict[tuple[str, ...], float]:
    answer = await anyone.get("/metrics", **options)
    assert answer.status_code == 200
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in parsed(answer.text)
        for sample in family.samples
    }


async def test_each_answer_is_counted_and_timed_by_its_route(base_url: str) -> None:
    route = f"{PREFIX}/library/{{pose_id}}"
    async with httpx.AsyncClient(base_url=base_url, timeout=30) as anyone:
        before = await numbers(anyone)
        for pose in ("pose_a", "pose_b"):
            await anyone.get(f"{PREFIX}/library/{pose}")
        after = await numbers(anyone)
    for counted in (
        ("posegen_http_requests_total", "GET", route, "401"),
        ("posegen_http_request_duration_seconds_count", "GET", route),
    ):
        assert after[counted] - before.get(counted, 0) == 2
    assert after["posegen_database_pool_connections", "api", "limit"] > 0


async def test_a_token_can_guard_the_numbers(settings: Settings) -> None:
    here = f"http://127.0.0.1:{ports.choose(0, '')}"
    guarded = settings.model_copy(update={"metrics_token": SecretStr(SECRET), "public_base_url": here})
    async with api_served(guarded) as url, httpx.AsyncClient(base_url=url, timeout=30) as anyone:
        for headers in ({}, {"Authorization": "Bearer of-another"}):
            assert (await anyone.get("/metrics", headers=headers)).status_code == 401
        assert await numbers(anyone, headers={"Authorization": f"Bearer {SECRET}"})
