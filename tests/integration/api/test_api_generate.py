"""Starting generations: rules, price, and what a refusal leaves behind (nothing)."""

import json
from typing import Any

import httpx
import pytest
from sqlmodel import func, select

from schema.database import Database
from schema.queries import users
from schema.tables import Generation, IdempotencyKey, User
from tests.integration.api.conftest import Clients, gallery
from tests.integration.api.stand_in import StandIn


async def balance(client: httpx.AsyncClient) -> int:
    return int((await client.get("/credits")).json()["balance"])


async def test_answers_202_once_charged(
    ana: httpx.AsyncClient, gateway: StandIn, project: str, poses: list[str]
) -> None:
    body = gallery(
        project, poses, batchSize=2, exportFormats=["tiktok", "shopee", "shopee_product"], prompt=" "
    )
    answer = await ana.post("/generate", json=body)
    assert answer.status_code == 202
    found = answer.json()
    assert found["status"] == "pending"
    assert (found["totalPosesExpected"], found["creditCharged"]) == (6, 180)
    assert await balance(ana) == 1000 - 180
    order = gateway.orders[found["generationId"]]
    assert order.formats == ("tiktok", "shopee_product")
    assert (order.prompt, order.parallelism, order.item_price_credits) == (None, 4, 30)
    assert [(pick.pose_id, pick.variations) for pick in order.picks] == [(pose, 2) for pose in poses]
    assert gateway.priorities[order.generation_id] == 3


async def test_text_mode_and_seed(ana: httpx.AsyncClient, gateway: StandIn, project: str) -> None:
    body = {
        "projectId": project,
        "generationType": "TEXT_DESCRIPTION",
        "textPrompt": "berdiri dengan tangan di pinggang",
        "variationCount": 3,
        "seed": 7,
    }
    answer = await ana.post("/generate", json=body)
    assert answer.status_code == 202, answer.text
    order = gateway.orders[answer.json()["generationId"]]
    assert (order.seed, order.total_items, order.picks[0].pose_id) == (7, 3, None)
    drawn = await ana.post("/generate", json={k: v for k, v in body.items() if k != "seed"})
    assert gateway.orders[drawn.json()["generationId"]].seed != 7


FAULTS: list[tuple[dict[str, Any], str]] = [
    ({"batchSize": 0}, "batchSize"),
    ({"batchSize": 11}, "batchSize"),
    ({"batchSize": "many"}, "batchSize"),
    ({"selectedPoseIds": []}, "selectedPoseIds"),
    ({"selectedPoseIds": ["pose_arms", "pose_arms"]}, "selectedPoseIds"),
    ({"selectedPoseIds": [f"pose_{n}" for n in range(201)]}, "selectedPoseIds"),
    ({"selectedPoseIds": ["pose_arms", "pose_nowhere"]}, "selectedPoseIds.1"),
    ({"selectedPoseIds": ["pose_hidden"]}, "selectedPoseIds.0"),
    ({"selectedPoseIds": [f"pose_{n}" for n in range(51)], "batchSize": 10}, "batchSize"),
    ({"outputFormats": ["tiktok", "polaroid"]}, "outputFormats.1"),
    ({"outputFormats": ["tiktok"] * 11}, "outputFormats"),
    ({"generationType": "DREAM"}, "generationType"),
    ({"generationType": None}, "generationType"),
    ({"projectId": None}, "projectId"),
    ({"seed": -1}, "seed"),
    ({"seed": 2**31}, "seed"),
    ({"prompt": "x" * 501}, "prompt"),
    ({"prompt": "nul \x00 here"}, "prompt"),
    ({"prompt": "half \ud800 pair"}, "prompt"),
    ({"webhookUrl": "http://shop.example/hook"}, "webhookUrl"),
    ({"useBackgroundChanger": True}, "backgroundMode"),
    ({"useBackgroundChanger": True, "backgroundMode": "solid_color"}, "backgroundColor"),
    (
        {"useBackgroundChanger": True, "backgroundMode": "solid_color", "backgroundColor": "white"},
        "backgroundColor",
    ),
    ({"useBackgroundChanger": True, "backgroundMode": "ai_generate"}, "backgroundPrompt"),
    (
        {"useBackgroundChanger": True, "backgroundMode": "ai_generate", "backgroundPrompt": "x" * 301},
        "backgroundPrompt",
    ),
    ({"useBackgroundChanger": True, "backgroundMode": "upload"}, "backgroundImageUrl"),
    (
        {
            "useBackgroundChanger": True,
            "backgroundMode": "upload",
            "backgroundImageUrl": "https://10.0.0.1/wall.jpg",
        },
        "backgroundImageUrl",
    ),
]


async def test_validation_names_the_field(
    ana: httpx.AsyncClient, gateway: StandIn, project: str, poses: list[str]
) -> None:
    headers = {"Content-Type": "application/json"}
    for change, path in FAULTS:
        body = json.dumps(gallery(project, poses[:1]) | change)  # ASCII, so that any text can be sent
        answer = await ana.post("/generate", content=body, headers=headers)
        assert answer.status_code == 400, change
        error = answer.json()["error"]
        assert (error["code"], error["statusCode"]) == ("VALIDATION_ERROR", 400), change
        assert path in [detail["path"] for detail in error["details"]], change
    assert gateway.orders == {}
    assert await balance(ana) == 1000


@pytest.mark.parametrize("prompt", ["n u d e", "with a gun", "as p1k4chu"])
async def test_prompts_are_refused_without_naming_the_term(
    ana: httpx.AsyncClient, project: str, poses: list[str], prompt: str
) -> None:
    answer = await ana.post("/generate", json=gallery(project, poses, prompt=prompt))
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (400, "INVALID_PROMPT")
    assert error["details"]["suggestedKeywords"]
    assert not any(word in answer.text.lower() for word in ("nude", "gun", "pikachu"))


async def test_text_must_speak_of_a_pose(ana: httpx.AsyncClient, project: str) -> None:
    body = {"projectId": project, "generationType": "TEXT_DESCRIPTION", "textPrompt": "a red shirt, studio"}
    answer = await ana.post("/generate", json=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "INVALID_PROMPT")


async def test_no_credits_is_402_and_nothing_remains(
    ana: httpx.AsyncClient, database: Database, project: str, poses: list[str]
) -> None:
    answer = await ana.post("/generate", json=gallery(project, poses, batchSize=10), params={})
    assert answer.status_code == 202
    answer = await ana.post("/generate", json=gallery(project, poses, batchSize=10))
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (402, "INSUFFICIENT_CREDITS")
    assert error["message"] == "Insufficient credits. Required: 900, Available: 100"
    async with database.transaction() as session:
        assert await session.scalar(select(func.count()).select_from(Generation)) == 1


async def test_premium_poses_need_a_premium_user(
    ana: httpx.AsyncClient, gateway: StandIn, database: Database, project: str, poses: list[str]
) -> None:
    answer = await ana.post("/generate", json=gallery(project, ["pose_gold"]))
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "FORBIDDEN")
    async with database.transaction() as session:
        (await session.get_one(User, "ana")).is_premium = True
    answer = await ana.post("/generate", json=gallery(project, ["pose_gold"]))
    assert answer.status_code == 202
    assert gateway.priorities[answer.json()["generationId"]] == 2


async def test_unlimited_users_pay_with_quota(
    ana: httpx.AsyncClient, gateway: StandIn, database: Database, project: str, poses: list[str]
) -> None:
    async with database.transaction() as session:
        await users.set_unlimited(session, "ana", active=True, daily_quota_items=5)
    first = await ana.post("/generate", json=gallery(project, poses[:1], batchSize=4))
    assert (first.status_code, first.json()["creditCharged"]) == (202, 0)
    assert gateway.priorities[first.json()["generationId"]] == 2
    unlimited = (await ana.get("/credits")).json()["unlimited"]
    assert (unlimited["dailyQuota"], unlimited["used"]) == (5, 4)
    over = await ana.post("/generate", json=gallery(project, poses[:1], batchSize=2))
    assert (over.status_code, over.json()["error"]["code"]) == (429, "QUOTA_EXCEEDED")
    assert int(over.headers["Retry-After"]) > 86_000
    priced = await ana.post("/generate?dryRun=true", json=gallery(project, poses[:1], batchSize=2))
    assert (priced.json()["creditCost"], priced.json()["affordable"]) == (0, False)


async def test_strangers_projects_and_avatars_do_not_exist(
    as_user: Clients, project: str, poses: list[str]
) -> None:
    ben = as_user("ben")
    stranger = await ben.post("/generate", json=gallery(project, poses))
    nobody = await ben.post("/generate", json=gallery("proj_nowhere", poses))
    assert stranger.status_code == nobody.status_code == 404
    assert stranger.json() == nobody.json()
    own = (await ben.post("/projects", json={"projectName": "Own"})).json()["project"]["id"]
    answer = await ben.post("/generate", json=gallery(own, poses, avatarId="avt_of_ana"))
    assert answer.status_code == 404


async def test_an_archived_project_takes_no_more(
    ana: httpx.AsyncClient, project: str, poses: list[str]
) -> None:
    await ana.put(f"/projects/{project}", json={"status": "archived"})
    answer = await ana.post("/generate", json=gallery(project, poses))
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "CONFLICT")


async def test_dry_run_prices_and_changes_nothing(
    ana: httpx.AsyncClient, gateway: StandIn, database: Database, project: str, poses: list[str]
) -> None:
    headers = {"Idempotency-Key": "dry"}
    body = gallery(project, poses, batchSize=10)
    answer = await ana.post("/generate?dryRun=true", json=body, headers=headers)
    assert answer.status_code == 200
    found = answer.json()
    assert (found["valid"], found["totalPosesExpected"], found["creditCost"]) == (True, 30, 900)
    assert (found["balance"], found["affordable"]) == (1000, True)
    assert "estimatedCompletionTime" in found
    assert found["generatedPoseStructure"] is None
    invalid = await ana.post("/generate?dryRun=true", json=body | {"batchSize": 99})
    assert invalid.status_code == 400
    assert gateway.orders == {}
    async with database.transaction() as session:
        assert await session.scalar(select(func.count()).select_from(IdempotencyKey)) == 0
