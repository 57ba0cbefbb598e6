"""Progress streams over a real socket: order, fan-out, tickets, and Temporal going away."""

import asyncio
import json
from contextlib import AsyncExitStack
from typing import Any

import httpx

from api.app import PREFIX, create_app
from api.progress import watcher
from schema.settings import Settings
from tests.eventually import until
from tests.integration.api.conftest import Clients, gallery, token
from tests.integration.api.stand_in import StandIn
from tests.integration.api.streams import Stream, generation, run, watching, whole
from tests.servers.http import serving

__all__ = ["generation"]


async def test_a_whole_run_is_told_in_order(
    ana: httpx.AsyncClient, gateway: StandIn, generation: str
) -> None:
    async with watching(ana, f"/generations/{generation}/events") as stream:
        await run(gateway, generation)
        await until(lambda: stream.ended)
    assert stream.kinds[0] == "snapshot"
    assert stream.kinds[-1] == "completed"
    assert stream.ids == sorted(set(stream.ids))
    assert [item["index"] for item in stream.data("item")] == [1, 0, 3, 2, 5, 4]
    assert all(json.loads(event.data)["type"] == event.event for event in stream.events)
    delivered, failed = stream.data("item")[0], stream.data("item")[3]
    assert delivered["thumbnailUrl"].startswith("http")
    assert delivered["outputImageUrl"].startswith("http")
    assert (delivered["poseId"], delivered["status"], delivered["attempt"]) == ("pose_arms", "completed", 1)
    assert (failed["status"], failed["errorCode"], failed["outputImageUrl"]) == (
        "failed",
        "PROVIDER_REJECTED",
        None,
    )
    end = stream.data("completed")[0]
    assert (end["status"], end["completed"], end["failed"], end["creditRefunded"]) == ("partial", 5, 1, 30)


async def test_headers_keep_proxies_from_buffering(
    ana: httpx.AsyncClient, gateway: StandIn, generation: str
) -> None:
    await run(gateway, generation)
    async with ana.stream("GET", f"/generations/{generation}/events") as answer:
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Accel-Buffering"] == "no"
        assert len(answer.headers["X-Request-Id"]) == 32


async def test_a_finished_generation_gives_snapshot_and_end(
    ana: httpx.AsyncClient, gateway: StandIn, generation: str
) -> None:
    await run(gateway, generation)
    stream = await whole(ana, f"/generations/{generation}/events")
    assert stream.kinds == ["snapshot", "completed"]
    assert stream.ids[0] < stream.ids[1]
    snapshot = stream.data("snapshot")[0]
    assert (snapshot["status"], snapshot["completed"], snapshot["failed"], snapshot["total"]) == (
        "partial",
        5,
        1,
        6,
    )
    assert {item["index"] for item in snapshot["items"]} == set(range(6))
    assert gateway.asked[generation] == 0, "settled: the database answers"


async def test_nothing_delivered_is_failed(ana: httpx.AsyncClient, gateway: StandIn, generation: str) -> None:
    async with watching(ana, f"/generations/{generation}/events") as stream:
        await gateway.settle(generation, "PROVIDER_ACCOUNT")
        await until(lambda: stream.ended)
    end = stream.data("failed")[0]
    assert (end["errorCode"], end["creditRefunded"]) == ("PROVIDER_ACCOUNT", 180)
    assert "our side" in end["error"]


async def test_strangers_see_nothing(as_user: Clients, generation: str) -> None:
    ben = as_user("ben")
    assert (await ben.get(f"/generations/{generation}/events")).status_code == 404
    assert (await ben.post(f"/generations/{generation}/events/ticket")).status_code == 404


async def test_many_watchers_one_question(as_user: Clients, gateway: StandIn, generation: str) -> None:
    """Twenty streams of one generation ask about as often as one would."""
    path = f"/generations/{generation}/events"
    clients = [as_user("ana") for _ in range(20)]
    before = gateway.asked[generation]

    async def follow(client: httpx.AsyncClient) -> Stream:
        return await whole(client, path)

    following = [asyncio.create_task(follow(client)) for client in clients]
    await until(lambda: gateway.asked[generation] > before)
    await run(gateway, generation)
    streams = await asyncio.gather(*following)
    assert all(stream.kinds[-1] == "completed" for stream in streams)
    for stream in streams:
        told = stream.data("snapshot")[0]["items"] + stream.data("item")
        assert sorted(item["index"] for item in told) == list(range(6))
    assert gateway.asked[generation] - before <= 3 * watcher.BURST


async def test_the_watcher_ends_with_its_last_listener(
    ana: httpx.AsyncClient, gateway: StandIn, generation: str
) -> None:
    async with watching(ana, f"/generations/{generation}/events"):
        pass
    await until(lambda: not _watchers())
    asked = gateway.asked[generation]
    await gateway.deliver(generation, 0)
    async with watching(ana, f"/generations/{generation}/events") as again:
        assert {item["index"] for item in again.data("snapshot")[0]["items"]} == {0}
    assert gateway.asked[generation] > asked


def _watchers() -> list[Any]:
    tasks = asyncio.all_tasks()
    return [task for task in tasks if getattr(task.get_coro(), "__qualname__", "") == "Watcher.run"]


async def test_streams_live_through_an_outage(
    ana: httpx.AsyncClient, gateway: StandIn, generation: str
) -> None:
    await gateway.begin(generation)
    await gateway.deliver(generation, 0)
    gateway.away = True
    path = f"/generations/{generation}/events"
    async with watching(ana, path) as stream:
        snapshot = stream.data("snapshot")[0]
        assert snapshot["stale"] is True
        assert [item["index"] for item in snapshot["items"]] == [0]
        gateway.away = False
        await gateway.deliver(generation, 1)
        await until(lambda: bool(stream.data("item")))
        await gateway.settle(generation, "CANCELLED")
        await until(lambda: stream.ended)
    assert [item["index"] for item in stream.data("item")] == [1], "what the snapshot had comes only once"
    assert stream.ids == sorted(set(stream.ids))
    assert stream.kinds[-1] == "cancelled"


async def test_a_run_settled_from_outside_still_ends(
    ana: httpx.AsyncClient, gateway: StandIn, generation: str
) -> None:
    """The workflow is gone and never said so: the database's word ends the stream."""
    async with watching(ana, f"/generations/{generation}/events") as stream:
        await gateway.settle(generation, "CANCELLED")
        gateway.away = True
        await until(lambda: stream.ended)
    assert stream.kinds[-1] == "cancelled"


async def test_tickets_open_one_stream(
    ana: httpx.AsyncClient, gateway: StandIn, base_url: str, generation: str
) -> None:
    await run(gateway, generation)
    path = f"/generations/{generation}/events"
    issued = (await ana.post(f"{path}/ticket")).json()
    assert issued["expiresIn"] == 60
    async with httpx.AsyncClient(base_url=base_url + PREFIX) as page:
        stream = await whole(page, f"{path}?ticket={issued['ticket']}")
        assert stream.kinds == ["snapshot", "completed"]
        for wrong in (f"/events?ticket={issued['ticket']}", f"{path}?ticket={token()}", f"{path}?ticket=x"):
            assert (await page.get(wrong)).status_code == 401
        bearer = {"Authorization": f"Bearer {issued['ticket']}"}
        assert (await page.get("/credits", headers=bearer)).status_code == 401


async def test_all_of_a_users_generations_on_one_stream(
    ana: httpx.AsyncClient, as_user: Clients, gateway: StandIn, project: str, poses: list[str]
) -> None:
    async def start(client: httpx.AsyncClient, project: str) -> str:
        answer = await client.post("/generate", json=gallery(project, poses, batchSize=1))
        return str(answer.json()["generationId"])

    ben = as_user("ben")
    bens_project = (await ben.post("/projects", json={"projectName": "Own"})).json()["project"]["id"]
    before = await start(ana, project)
    async with watching(ana, "/events") as stream:
        await until(lambda: len(stream.data("snapshot")) == 1)
        foreign = await start(ben, bens_project)
        during = await start(ana, project)
        await until(lambda: len(stream.data("snapshot")) == 2)
        for generation in (before, during, foreign):
            await gateway.begin(generation)
            await gateway.deliver(generation, 0)
            await gateway.settle(generation, "CANCELLED")
        await until(lambda: len(stream.data("cancelled")) == 2)
        assert not stream.ended
    assert {json.loads(event.data)["generationId"] for event in stream.events} == {before, during}
    for generation in (before, during):
        own = [event for event in stream.events if event.id.startswith(f"{generation}:")]
        ids = [int(event.id.partition(":")[2]) for event in own]
        assert (own[0].event, own[-1].event) == ("snapshot", "cancelled")
        assert ids == sorted(set(ids))


async def test_open_streams_do_not_hold_up_the_end(
    settings: Settings, gateway: StandIn, generation: str
) -> None:
    """Leaving the block stops the server: it has to cut the streams, whose clients stay."""
    headers = {"Authorization": f"Bearer {token()}"}
    async with httpx.AsyncClient(headers=headers) as client, AsyncExitStack() as streams:
        async with asyncio.timeout(20), serving(create_app(settings, gateway=gateway)) as url:
            path = f"{url}{PREFIX}/generations/{generation}/events"
            one = await streams.enter_async_context(watching(client, path))
            every = await streams.enter_async_context(watching(client, f"{url}{PREFIX}/events"))
        await until(lambda: one.ended and every.ended)
    assert not _watchers()
