"""The simulator's fal queue, as a client sees it over a real connection: every step, header and refusal."""

import io
from typing import Any

import httpx
import pytest
from httpx_sse import aconnect_sse
from PIL import Image

from tests.integration.fal_queue import KEY, SLOTS, control, fal, shown, url
from tests.servers.simulator import MODEL, body, completed, picture, result, submit

__all__ = ["fal", "url"]


async def hold_slots(fal: httpx.AsyncClient, count: int = SLOTS) -> list[dict[str, Any]]:
    await fal.post("/_sim/faults", json=[{"kind": "never_ends", "count": count}])
    return [await submit(fal) for _ in range(count)]


async def test_the_whole_way_of_a_picture(fal: httpx.AsyncClient, url: str) -> None:
    reply = await fal.post(MODEL, json=body())
    ticket = reply.json()
    request_id = ticket["request_id"]
    assert (ticket["status"], ticket["queue_position"]) == ("IN_QUEUE", 0)
    assert ticket["response_url"] == f"{url}{MODEL}/requests/{request_id}"
    assert ticket["status_url"] == f"{ticket['response_url']}/status"
    assert ticket["cancel_url"] == f"{ticket['response_url']}/cancel"
    assert reply.headers["x-fal-request-id"] == request_id

    status = await completed(fal, ticket)
    assert status["metrics"]["inference_time"] >= 0.05
    assert "error" not in status

    reply = await fal.get(ticket["response_url"])
    answer = reply.json()
    assert reply.headers["x-fal-request-id"] == request_id
    assert reply.headers["x-fal-billable-units"] == "1"
    assert (answer["seed"], answer["prompt"]) == (5, "a tailor")
    assert answer["has_nsfw_concepts"] == [False]
    assert answer["timings"]["inference"] >= 0.05
    image = answer["images"][0]
    assert (image["width"], image["height"], image["content_type"]) == (256, 320, "image/png")

    async with httpx.AsyncClient() as stranger:  # the CDN asks for no key
        file = await stranger.get(image["url"])
    assert file.headers["content-type"] == "image/png"
    assert Image.open(io.BytesIO(file.content)).size == (256, 320)


async def test_logs_come_only_when_asked_for(fal: httpx.AsyncClient) -> None:
    ticket = await submit(fal)
    assert (await completed(fal, ticket))["logs"] is None
    logs = (await fal.get(ticket["status_url"], params={"logs": 1})).json()["logs"]
    assert [log["message"] for log in logs] == ["Drawing the pose", "Finished"]
    assert set(logs[0]) == {"message", "level", "source", "timestamp"}


async def test_urls_built_from_the_whole_endpoint_lead_nowhere(fal: httpx.AsyncClient) -> None:
    ticket = (await fal.post("/fal-ai/flux/dev", json=body())).json()
    assert "/fal-ai/flux/requests/" in ticket["status_url"]
    built = ticket["status_url"].replace("/flux/", "/flux/dev/")
    assert (await fal.get(built)).status_code in {404, 405}
    assert (await fal.get(ticket["status_url"].replace("/flux/", "/flux-general/"))).status_code == 404


async def test_the_stream_tells_each_status_until_the_end(fal: httpx.AsyncClient) -> None:
    first, _ = await hold_slots(fal)
    ticket = await submit(fal)
    seen = []
    async with aconnect_sse(fal, "GET", f"{ticket['status_url']}/stream") as events:
        async for event in events.aiter_sse():
            seen.append(event.json()["status"])
            if seen == ["IN_QUEUE"]:
                await fal.put(first["cancel_url"])
    assert seen == ["IN_QUEUE", "IN_PROGRESS", "COMPLETED"]


async def test_only_so_many_run_and_the_rest_knows_its_place(fal: httpx.AsyncClient) -> None:
    await hold_slots(fal)
    queued = [await submit(fal) for _ in range(3)]
    replies = [await fal.get(ticket["status_url"]) for ticket in queued]
    assert [reply.status_code for reply in replies] == [202] * 3
    assert [reply.json()["queue_position"] for reply in replies] == [0, 1, 2]
    stats = (await fal.get("/_sim/stats")).json()
    assert (stats["in_progress"], stats["max_in_progress"], stats["in_queue"]) == (SLOTS, SLOTS, 3)


async def test_a_result_asked_for_too_early_is_refused(fal: httpx.AsyncClient) -> None:
    ticket, _ = await hold_slots(fal)
    reply = await fal.get(ticket["response_url"])
    assert (reply.status_code, reply.json()) == (400, {"detail": "Request is still in progress"})


async def test_cancelling_says_what_became_of_the_job(fal: httpx.AsyncClient) -> None:
    running, _ = await hold_slots(fal)
    queued = await submit(fal)

    async def cancel(ticket: dict[str, Any]) -> tuple[int, str]:
        reply = await fal.put(ticket["cancel_url"])
        return reply.status_code, reply.json()["status"]

    assert await cancel(queued) == (202, "OK")
    assert await cancel(running) == (202, "CANCELLATION_REQUESTED")
    assert await cancel(running) == (400, "ALREADY_COMPLETED")
    missing = await fal.put(f"{MODEL}/requests/none/cancel")
    assert (missing.status_code, missing.json()) == (404, {"status": "NOT_FOUND"})

    assert (await completed(fal, running))["error_type"] == "client_cancelled"
    reply = await fal.get(queued["response_url"])
    assert (reply.status_code, reply.json()["error_type"]) == (499, "client_cancelled")
    stats = (await fal.get("/_sim/stats")).json()
    assert (stats["cancelled"], stats["completed"], stats["in_progress"]) == (2, 0, 1)
    # The freed slot serves the next one.
    await completed(fal, await submit(fal))


async def test_a_job_that_does_not_start_in_time_is_given_up(fal: httpx.AsyncClient) -> None:
    await hold_slots(fal)
    ticket = await submit(fal, headers={"X-Fal-Request-Timeout": "0.1"})
    assert (await completed(fal, ticket))["error_type"] == "request_timeout"
    reply = await fal.get(ticket["response_url"])
    assert reply.status_code == 504
    assert reply.headers["x-fal-request-timeout-type"] == "user"
    assert "x-fal-request-id" not in reply.headers


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Key wrong"}, {"Authorization": f"Bearer {KEY}"}])
async def test_without_the_key_nothing_is_done(
    fal: httpx.AsyncClient, url: str, headers: dict[str, str]
) -> None:
    ticket = await submit(fal)
    async with httpx.AsyncClient(base_url=url, headers=headers) as stranger:
        replies = [
            await stranger.post(MODEL, json=body()),
            await stranger.get(ticket["status_url"]),
            await stranger.get(ticket["response_url"]),
            await stranger.put(ticket["cancel_url"]),
        ]
    assert [reply.status_code for reply in replies] == [401] * 4
    assert (await fal.get("/_sim/stats")).json()["submitted"] == 1


@pytest.mark.parametrize(
    ("wrong", "loc", "kind"),
    [
        ({"prompt": None}, ["body", "prompt"], "string_type"),
        ({"prompt": ""}, ["body", "prompt"], "string_too_short"),
        ({"image_size": "huge"}, ["body", "image_size"], "literal_error"),
        ({"image_size": {"width": 10, "height": 512}}, ["body", "image_size"], "greater_than_equal"),
        ({"output_format": "gif"}, ["body", "output_format"], "literal_error"),
        ({"num_inference_steps": 500}, ["body", "num_inference_steps"], "less_than_equal"),
        ({"controlnets": [{"path": "a/net"}]}, ["body", "controlnets", 0, "control_image_url"], "missing"),
        ({"controlnets": 2 * control("data:,x")["controlnets"]}, ["body"], "value_error"),
        (control("data:image/png;base64,AAAA"), ["body", "control_image_url"], "image_load_error"),
        (control("data:image/png;base64,?"), ["body", "control_image_url"], "image_load_error"),
        (control("ftp://host/map.png"), ["body", "control_image_url"], "file_download_error"),
        (control("http://127.0.0.1:9/map.png"), ["body", "control_image_url"], "file_download_error"),
        (shown("data:image/png;base64,AAAA"), ["body", "reference_image_url"], "image_load_error"),
        (shown("ftp://host/me.png"), ["body", "reference_image_url"], "file_download_error"),
        (shown("data:,x") | {"reference_strength": 9}, ["body", "reference_strength"], "less_than_equal"),
    ],
)
async def test_wrong_input_is_accepted_and_fails_in_the_result(
    fal: httpx.AsyncClient, wrong: dict[str, Any], loc: list[str | int], kind: str
) -> None:
    reply = await result(fal, **wrong)
    assert reply.status_code == 422
    errors = reply.json()["detail"]
    assert any(e["loc"][: len(loc)] == loc and e["type"] == kind and e["msg"] for e in errors), errors
    assert reply.headers["x-fal-retryable"] == "false"
    assert (await fal.get("/_sim/stats")).json()["failed"] == 1


async def test_what_is_no_request_at_all_is_refused_at_once(fal: httpx.AsyncClient) -> None:
    assert (await fal.post(MODEL, content=b"{")).status_code == 422
    assert (await fal.post(MODEL, json=[1])).status_code == 422
    assert (await fal.post("/fal-ai/nothing", json=body())).status_code == 404
    assert (await fal.get(f"{MODEL}/requests/none/status")).status_code == 404
    assert (await fal.get("/files/none/0.png")).status_code == 404
    assert (await fal.get("/_sim/stats")).json()["submitted"] == 0


async def test_reset_it_is_as_if_just_started(fal: httpx.AsyncClient) -> None:
    await fal.post("/_sim/faults", json=[{"kind": "never_ends", "count": None}])
    for seed in range(SLOTS + 1):
        await submit(fal, seed=seed)
    assert (await fal.delete("/_sim")).status_code == 204
    assert set((await fal.get("/_sim/stats")).json().values()) == {0}
    assert (await fal.get("/_sim/faults")).json() == []
    await picture(fal)


async def test_the_books_know_every_submission_until_they_are_closed(fal: httpx.AsyncClient) -> None:
    await picture(fal, seed=7)
    await completed(fal, await submit(fal, seed=8))
    seven, eight = (await fal.get("/_sim/log")).json()
    assert (seven["seed"], seven["delivered"], seven["number"]) == (7, True, 1)
    assert (eight["seed"], eight["delivered"], eight["number"]) == (8, False, 2)
    assert (eight["prompt"], eight["endpoint"], eight["cancelled"]) == ("a tailor", MODEL[1:], False)
    assert seven["submitted_at"] <= seven["started_at"] < seven["ended_at"]
    stats = (await fal.get("/_sim/stats")).json()
    assert (stats["submitted"], stats["completed"], stats["delivered"]) == (2, 2, 1)

    assert (await fal.delete("/_sim/log")).status_code == 204
    assert (await fal.get("/_sim/log")).json() == []
    assert set((await fal.get("/_sim/stats")).json().values()) == {0}
    assert (await fal.get(f"{MODEL}/requests/{seven['request_id']}")).status_code == 200
