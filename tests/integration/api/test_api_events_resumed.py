"""Progress streams that go on after the last id a client has seen, and ids that are none."""

import json

import httpx

from tests.eventually import until
from tests.integration.api.conftest import Clients, gallery
from tests.integration.api.stand_in import StandIn
from tests.integration.api.streams import generation, run, watching, whole

__all__ = ["generation"]


async def test_resuming_at_any_point_misses_nothing_and_repeats_nothing(
    ana: httpx.AsyncClient, gateway: StandIn, generation: str
) -> None:
    await run(gateway, generation)
    path = f"/generations/{generation}/events"
    told = (await whole(ana, path, 0)).events[1:]
    assert [event.event for event in told] == ["started", *["item"] * 6, "completed"]
    final = int(told[-1].id)
    assert (await whole(ana, path)).ids == [final - 1, final]
    for last_id in range(final + 1):
        snapshot, *rest = (await whole(ana, path, last_id)).events
        assert (snapshot.event, int(snapshot.id)) == ("snapshot", last_id)
        assert [(event.id, event.event) for event in rest] == [
            (event.id, event.event) for event in told if int(event.id) > last_id
        ]
        seen = [
            json.loads(event.data) for event in told if event.event == "item" and int(event.id) <= last_id
        ]
        state = json.loads(snapshot.data)
        assert [item["index"] for item in state["items"]] == [item["index"] for item in seen]
        failed = sum(item["status"] == "failed" for item in seen)
        assert (state["completed"], state["failed"]) == (len(seen) - failed, failed)
        assert state["creditRefunded"] == 30 * failed


async def test_resuming_while_it_runs(ana: httpx.AsyncClient, gateway: StandIn, generation: str) -> None:
    await gateway.begin(generation)
    await gateway.deliver(generation, 0)
    path = f"/generations/{generation}/events"
    async with watching(ana, path) as first:
        await gateway.deliver(generation, 1)
        await until(lambda: len(first.data("item")) == 1)
        seen = first.ids[-1]
    await gateway.deliver(generation, 2)
    async with watching(ana, f"{path}?lastEventId={seen}") as second:
        await until(lambda: len(second.data("item")) == 1)
        await gateway.settle(generation, "CANCELLED")
        await until(lambda: second.ended)
    assert {item["index"] for item in second.data("snapshot")[0]["items"]} <= {0, 1}
    told = [item["index"] for item in first.data("snapshot")[0]["items"] + first.data("item")]
    assert sorted(told + [item["index"] for item in second.data("item")]) == sorted({*told, 2})
    assert second.kinds[-1] == "cancelled"
    assert (second.data("cancelled")[0]["completed"], second.data("cancelled")[0]["creditRefunded"]) == (
        3,
        90,
    )


async def test_an_id_from_the_future_starts_over(
    ana: httpx.AsyncClient, gateway: StandIn, generation: str
) -> None:
    await run(gateway, generation)
    stream = await whole(ana, f"/generations/{generation}/events", 10_000)
    assert stream.kinds == ["snapshot", "completed"]


async def test_garbage_ids_are_400(ana: httpx.AsyncClient, generation: str) -> None:
    for last_id in ("-1", "x", "1.5", "\u00b2", "9" * 40, "gen_1:2"):
        answer = await ana.get(f"/generations/{generation}/events", params={"lastEventId": last_id})
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "VALIDATION_ERROR"), last_id


async def test_the_users_stream_resumes(
    ana: httpx.AsyncClient, gateway: StandIn, generation: str, project: str, poses: list[str]
) -> None:
    answer = await ana.post("/generate", json=gallery(project, poses[:1], batchSize=1))
    missed = str(answer.json()["generationId"])
    await gateway.begin(generation)
    await gateway.deliver(generation, 0)
    await gateway.deliver(generation, 1)
    await gateway.settle(missed, "CANCELLED")
    async with watching(ana, "/events", f"{generation}:3") as stream:
        await until(lambda: len(stream.data("item")) == 1 and bool(stream.data("cancelled")))
    snapshots = {snapshot["generationId"]: snapshot for snapshot in stream.data("snapshot")}
    assert set(snapshots) == {generation, missed}
    assert [item["index"] for item in snapshots[generation]["items"]] == [0]
    assert stream.data("item")[0]["index"] == 1
    for garbage in ("nonsense", f"{generation}:x", f"{generation}:", ":"):
        answer = await ana.get("/events", params={"lastEventId": garbage})
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "VALIDATION_ERROR")


async def test_a_strangers_id_resumes_nothing(as_user: Clients, gateway: StandIn, generation: str) -> None:
    ben = as_user("ben")
    project = (await ben.post("/projects", json={"projectName": "Own"})).json()["project"]["id"]
    async with watching(ben, "/events", f"{generation}:0") as stream:
        await gateway.deliver(generation, 0)
        body = {"projectId": project, "generationType": "TEXT_DESCRIPTION", "textPrompt": "standing"}
        own = (await ben.post("/generate", json=body)).json()["generationId"]
        await until(lambda: bool(stream.events))
    assert {json.loads(event.data)["generationId"] for event in stream.events} == {own}
