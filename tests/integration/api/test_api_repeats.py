"""Orders made once more: repeats under a key, starts that broke off, and retries of what is missing."""

import asyncio

import httpx
import pytest
from sqlmodel import col, func, select

from schema.database import Database
from schema.tables import Generation, LedgerEntry
from tests.integration.api.conftest import Clients, gallery
from tests.integration.api.stand_in import StandIn


async def test_a_repeat_gets_the_same_answer(
    ana: httpx.AsyncClient, gateway: StandIn, project: str, poses: list[str]
) -> None:
    headers = {"Idempotency-Key": "order 1"}
    body = gallery(project, poses)
    first = await ana.post("/generate", json=body, headers=headers)
    assert first.status_code == 202
    assert "Idempotency-Replayed" not in first.headers
    again = await ana.post("/generate", json=dict(reversed(body.items())), headers=headers)
    assert (again.status_code, again.json()) == (202, first.json())
    assert again.headers["Idempotency-Replayed"] == "true"
    await gateway.settle(first.json()["generationId"], "CANCELLED")
    late = await ana.post("/generate", json=body, headers=headers)
    assert (late.status_code, late.json()) == (202, first.json())
    other = await ana.post("/generate", json=body | {"batchSize": 1}, headers=headers)
    assert (other.status_code, other.json()["error"]["code"]) == (422, "IDEMPOTENCY_MISMATCH")
    assert len(gateway.orders) == 1


async def test_keys_belong_to_their_user(as_user: Clients, project: str, poses: list[str]) -> None:
    headers = {"Idempotency-Key": "same"}
    ana, ben = as_user("ana"), as_user("ben")
    own = (await ben.post("/projects", json={"projectName": "Own"})).json()["project"]["id"]
    first = await ana.post("/generate", json=gallery(project, poses), headers=headers)
    second = await ben.post("/generate", json=gallery(own, poses), headers=headers)
    assert (first.status_code, second.status_code) == (202, 202)
    assert first.json()["generationId"] != second.json()["generationId"]


@pytest.mark.parametrize("key", ["x" * 256, "", "tab\there"])
async def test_bad_keys_are_refused(ana: httpx.AsyncClient, project: str, poses: list[str], key: str) -> None:
    answer = await ana.post("/generate", json=gallery(project, poses), headers={"Idempotency-Key": key})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "VALIDATION_ERROR")


async def test_200_repeats_at_once_are_one_generation_and_one_charge(
    ana: httpx.AsyncClient, database: Database, project: str, poses: list[str]
) -> None:
    headers = {"Idempotency-Key": "stampede"}
    body = gallery(project, poses)
    answers = await asyncio.gather(*(ana.post("/generate", json=body, headers=headers) for _ in range(200)))
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.text for answer in answers}) == 1
    assert sum("Idempotency-Replayed" not in answer.headers for answer in answers) == 1
    async with database.transaction() as session:
        assert await session.scalar(select(func.count()).select_from(Generation)) == 1
        charges = select(func.count()).where(col(LedgerEntry.type) == "charge")
        assert await session.scalar(charges) == 1


async def test_a_start_that_broke_off_is_finished_by_the_repeat(
    ana: httpx.AsyncClient, gateway: StandIn, project: str, poses: list[str]
) -> None:
    headers = {"Idempotency-Key": "broken"}
    gateway.away = True
    lost = await ana.post("/generate", json=gallery(project, poses), headers=headers)
    assert (lost.status_code, lost.json()["error"]["code"]) == (503, "UNAVAILABLE")
    assert "Idempotency-Key" in lost.json()["error"]["message"]
    assert int(lost.headers["Retry-After"]) >= 1
    assert gateway.cancelled == []
    gateway.away = False
    again = await ana.post("/generate", json=gallery(project, poses), headers=headers)
    assert again.status_code == 202
    assert again.headers["Idempotency-Replayed"] == "true"
    assert len(gateway.orders) == 1


async def test_without_a_key_an_unclear_start_is_called_off(
    ana: httpx.AsyncClient, gateway: StandIn, project: str, poses: list[str]
) -> None:
    gateway.away = True
    answer = await ana.post("/generate", json=gallery(project, poses))
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "UNAVAILABLE")
    assert len(gateway.cancelled) == 1


async def test_retry_orders_only_what_was_not_delivered(
    ana: httpx.AsyncClient, gateway: StandIn, project: str, poses: list[str]
) -> None:
    started = await ana.post("/generate", json=gallery(project, poses, batchSize=2, seed=5))
    first = started.json()["generationId"]
    running = await ana.post(f"/generations/{first}/retry")
    assert (running.status_code, running.json()["error"]["code"]) == (409, "CONFLICT")
    for index in (0, 2, 3, 4):
        await gateway.deliver(first, index)
    await gateway.fail(first, 1)
    await gateway.fail(first, 5)
    await gateway.settle(first)
    headers = {"Idempotency-Key": "again"}
    answer = await ana.post(f"/generations/{first}/retry", headers=headers)
    assert answer.status_code == 202, answer.text
    assert (answer.json()["totalPosesExpected"], answer.json()["creditCharged"]) == (2, 60)
    order = gateway.orders[answer.json()["generationId"]]
    assert [(pick.pose_id, pick.variations) for pick in order.picks] == [("pose_arms", 1), ("pose_chair", 1)]
    assert (order.retry_of, order.seed != 5) == (first, True)
    repeat = await ana.post(f"/generations/{first}/retry", headers=headers)
    assert (repeat.json(), repeat.headers["Idempotency-Replayed"]) == (answer.json(), "true")


async def test_nothing_to_retry_and_strangers(
    as_user: Clients, ana: httpx.AsyncClient, gateway: StandIn, project: str, poses: list[str]
) -> None:
    started = await ana.post("/generate", json=gallery(project, poses[:1], batchSize=1))
    generation = started.json()["generationId"]
    await gateway.deliver(generation, 0)
    await gateway.settle(generation)
    answer = await ana.post(f"/generations/{generation}/retry")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "CONFLICT")
    assert (await as_user("ben").post(f"/generations/{generation}/retry")).status_code == 404
