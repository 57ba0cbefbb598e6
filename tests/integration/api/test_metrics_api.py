"""The figures of all users, for administrators: shapes, spans, and whose poses stay out."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.integration.api.conftest import Clients, gallery
from tests.integration.api.stand_in import StandIn
from tests.integration.api.test_custom_poses_api import added


@pytest.fixture
async def boss(as_user: Clients) -> httpx.AsyncClient:
    return as_user("boss", role="admin")


@pytest.fixture
async def history(ana: httpx.AsyncClient, gateway: StandIn, project: str, poses: list[str]) -> str:
    """Ana's own pose and two of the library: one whole generation, one failed in part, one cancelled."""
    own = (await added(ana, project))["id"]
    for end in (None, "failing", "CANCELLED"):
        body = gallery(project, [own, *poses[:2]], batchSize=1)
        generation = (await ana.post("/generate", json=body)).json()["generationId"]
        await gateway.deliver(generation, 0)
        await gateway.deliver(generation, 1)
        if end is None:
            await gateway.deliver(generation, 2)
        elif end == "failing":
            await gateway.fail(generation, 2)
        await gateway.settle(generation, "CANCELLED" if end == "CANCELLED" else None)
    return str(own)


async def asked(client: httpx.AsyncClient, path: str, **params: Any) -> dict[str, Any]:
    answer = await client.get(path, params=params)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_how_the_service_did(boss: httpx.AsyncClient, history: str) -> None:
    found = await asked(boss, "/metrics")
    assert timedelta(days=30) == datetime.fromisoformat(found["endDate"]) - datetime.fromisoformat(
        found["startDate"]
    )
    took = found["avgDurationMs"]
    assert 0 <= took < 60_000
    assert {name: value for name, value in found.items() if not name.endswith("Date")} == {
        "totalGenerations": 3,
        "successfulGenerations": 1,
        "partialGenerations": 1,
        "failedGenerations": 0,
        "cancelledGenerations": 1,
        "successRate": 0.5,
        "avgDurationMs": took,
        "totalPosesGenerated": 7,
        "totalPosesFailed": 1,
        "averageTimeMs": 1000,
        "totalCreditsUsed": 270,
        "totalCreditsRefunded": 60,
        "refundRate": 0.2222,
        "topErrorCodes": [{"code": "PROVIDER_REJECTED", "count": 1}],
    }


async def test_who_made_most(boss: httpx.AsyncClient, as_user: Clients, history: str) -> None:
    await as_user("ben").get("/credits")
    assert (await asked(boss, "/metrics/top-users"))["users"] == [
        {
            "userId": "ana",
            "generations": 3,
            "itemsDelivered": 7,
            "itemsFailed": 1,
            "creditsUsed": 270,
            "creditsRefunded": 60,
        }
    ]


async def test_users_own_poses_stay_out_of_popularity(boss: httpx.AsyncClient, history: str) -> None:
    found = await asked(boss, "/metrics/popular-poses")
    assert [(pose["poseId"], pose["items"], pose["share"]) for pose in found["poses"]] == [
        ("pose_arms", 3, 0.75),
        ("pose_lean", 1, 0.25),
    ]
    assert history not in str(found)
    assert len((await asked(boss, "/metrics/popular-poses", limit=1))["poses"]) == 1


async def test_why_pictures_were_given_up(boss: httpx.AsyncClient, history: str) -> None:
    found = await asked(boss, "/metrics/errors")
    (error,) = found["errors"]
    assert found["total"] == 1
    assert (error["code"], error["count"], error["share"]) == ("PROVIDER_REJECTED", 1, 1.0)
    assert error["providers"] == {"unknown": 1}
    assert "refused" in error["message"]
    assert datetime.now(UTC) - datetime.fromisoformat(error["lastSeenAt"]) < timedelta(minutes=5)


PATHS = ("/metrics", "/metrics/top-users", "/metrics/popular-poses", "/metrics/errors")


@pytest.mark.parametrize("path", PATHS)
async def test_a_span_without_anything(boss: httpx.AsyncClient, history: str, path: str) -> None:
    found = await asked(boss, path, startDate="2026-01-01", endDate="2026-01-31")
    assert (found["startDate"], found["endDate"]) == ("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z")
    counts = [value for name, value in found.items() if not name.endswith("Date")]
    assert not any(counts)


async def test_a_day_as_the_end_is_whole_and_a_moment_is_not_in_the_span(
    boss: httpx.AsyncClient, history: str
) -> None:
    now = datetime.now(UTC)
    today = now.date().isoformat()
    tomorrow = (now + timedelta(days=1)).date()
    whole = await asked(boss, "/metrics", startDate=(now - timedelta(days=1)).date(), endDate=today)
    assert whole["endDate"] == f"{tomorrow}T00:00:00Z"
    assert whole["totalGenerations"] == 3
    before = await asked(boss, "/metrics", endDate=f"{now.date() - timedelta(days=1)}T00:00:00+07:00")
    assert before["totalGenerations"] == 0


BAD_SPANS = [
    ({"startDate": "yesterday"}, "startDate"),
    ({"endDate": "2026-13-01"}, "endDate"),
    ({"endDate": "20261101"}, None),
    ({"endDate": "1700000000"}, "endDate"),
    ({"startDate": "0001-01-01"}, "startDate"),
    ({"endDate": "9999-12-31"}, "endDate"),
    ({"startDate": "2026-11-02", "endDate": "2026-11-01"}, "startDate"),
    ({"startDate": "2026-11-01T08:00:00Z", "endDate": "2026-11-01T08:00:00Z"}, "startDate"),
    ({"startDate": "2024-01-01", "endDate": "2026-01-01"}, "startDate"),
    ({"startDate": "x" * 41}, "startDate"),
    ({"limit": 0}, "limit"),
    ({"limit": 101}, "limit"),
]


@pytest.mark.parametrize(("params", "path"), BAD_SPANS)
async def test_bad_spans_name_the_field(
    boss: httpx.AsyncClient, params: dict[str, Any], path: str | None
) -> None:
    for route in PATHS[1:]:
        answer = await boss.get(route, params=params)
        if path is None:
            assert answer.status_code == 200
            continue
        error = answer.json()["error"]
        assert (answer.status_code, error["code"]) == (400, "VALIDATION_ERROR"), route
        assert [detail["path"] for detail in error["details"]] == [path]
