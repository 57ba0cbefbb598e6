"""Every way in which the simulator misbehaves, as a client sees it over a real connection."""

import asyncio
import io
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
from PIL import Image, ImageStat

from simulator.faults.replies import FOREIGN_URL
from simulator.faults.rules import KINDS
from tests.eventually import eventually
from tests.servers.simulator import MODEL, body, completed, data_uri, picture, result, simulator, submit

STAGES = ("submit", "status", "result", "file", "cancel")
SIZE = (256, 320)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with simulator("--latency-s", "0.02") as address:
        yield address


@pytest.fixture
async def fal(url: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=url) as client:
        yield client
        (await client.delete("/_sim")).raise_for_status()


async def misbehave(fal: httpx.AsyncClient, kind: str, stage: str | None = None, **more: Any) -> None:
    reply = await fal.post("/_sim/faults", json=[{"kind": kind, "stage": stage} | more])
    assert reply.status_code == 200, reply.text


async def stats(fal: httpx.AsyncClient) -> dict[str, int]:
    counts: dict[str, int] = (await fal.get("/_sim/stats")).json()
    return counts


async def visit(fal: httpx.AsyncClient, stage: str, fault: dict[str, Any]) -> httpx.Response:
    """Does all that leads to a stage, then meets the fault there."""
    if stage == "submit":
        await misbehave(fal, stage=stage, **fault)
        return await fal.post(MODEL, json=body())
    ticket = await submit(fal)
    await completed(fal, ticket)
    file_url = (await fal.get(ticket["response_url"])).json()["images"][0]["url"]
    await misbehave(fal, stage=stage, **fault)
    if stage == "cancel":
        return await fal.put(ticket["cancel_url"])
    return await fal.get(
        {"status": ticket["status_url"], "result": ticket["response_url"], "file": file_url}[stage]
    )


REFUSALS = {
    "rate_limited": 429,
    "rate_limited_silently": 429,
    "loading": 503,
    "error_400": 400,
    "error_408": 408,
    "error_422": 422,
    "error_500": 500,
    "error_502": 502,
    "error_503": 503,
    "error_504": 504,
    "unauthorized": 401,
    "out_of_credits": 402,
    "locked": 403,
    "not_found": 404,
    "gone": 410,
    "redirect": 307,
}
BROKEN = ("reset", "cut", "cut_halfway", "silence")
ODD = ("drip", "html", "foreign_status_url", "foreign_picture_url")
SPOILT = ("black", "black_flagged", "flagged", "garbage", "truncated", "wrong_size", "too_large")
FAILED = {
    "moderated": (422, "content_policy_violation"),
    "no_media": (422, "no_media_generated"),
    "failed_422": (422, "value_error"),
    "failed_500": (500, "internal_server_error"),
    "failed_503": (503, "downstream_service_unavailable"),
    "failed_504": (504, "generation_timeout"),
    "failed_quietly": (500, "internal_server_error"),
    "out_of_memory": (500, "internal_server_error"),
}
FAILED_AT_THE_GATEWAY = {
    "gateway_500": (500, "internal_error"),
    "gateway_503": (503, "runner_disconnected"),
    "gateway_504": (504, "startup_timeout"),
}


def test_every_kind_is_tried_here() -> None:
    tried = [*REFUSALS, *BROKEN, *ODD, *SPOILT, *FAILED, *FAILED_AT_THE_GATEWAY, "never_ends"]
    assert sorted(tried) == KINDS


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize(("kind", "code"), REFUSALS.items())
async def test_a_refusal_has_its_code_and_does_nothing(
    fal: httpx.AsyncClient, kind: str, code: int, stage: str
) -> None:
    reply = await visit(fal, stage, {"kind": kind})
    assert reply.status_code == code
    assert "x-fal-request-id" not in reply.headers
    counts = await stats(fal)
    assert counts["submitted"] == (stage != "submit")
    assert counts["delivered"] == 0
    if stage == "submit":
        await submit(fal)  # it applied once


async def test_each_refusal_carries_what_a_client_may_read(fal: httpx.AsyncClient) -> None:
    async def refuse(kind: str, **more: Any) -> httpx.Response:
        return await visit(fal, "submit", {"kind": kind, **more})

    assert (await refuse("rate_limited")).headers["retry-after"] == "1"
    assert (await refuse("rate_limited", seconds=7)).headers["retry-after"] == "7"
    assert "retry-after" not in (await refuse("rate_limited_silently")).headers
    assert (await refuse("loading", seconds=3.5)).json()["estimated_time"] == 3.5
    locked = (await refuse("locked")).json()["detail"]
    assert locked.startswith("User is locked. Reason: Exhausted balance")
    assert (await refuse("error_502")).headers["content-type"].startswith("text/html")
    assert (await refuse("error_422")).json()["detail"][0]["type"] == "value_error"
    assert (await refuse("redirect")).headers["location"] == FOREIGN_URL
    assert (await refuse("redirect", url="http://a.test/")).headers["location"] == "http://a.test/"


@pytest.mark.parametrize("stage", STAGES)
async def test_a_reset_is_a_reset_and_nothing_was_done(fal: httpx.AsyncClient, stage: str) -> None:
    with pytest.raises(httpx.ReadError) as caught:
        await visit(fal, stage, {"kind": "reset"})
    assert isinstance(root_cause(caught.value), ConnectionResetError)
    counts = await stats(fal)
    assert counts["submitted"] == (stage != "submit")
    assert counts["delivered"] == 0


def root_cause(error: BaseException) -> BaseException:
    while nested := error.__cause__ or error.__context__:
        error = nested
    return error


@pytest.mark.parametrize("stage", STAGES)
async def test_a_cut_does_the_work_and_never_answers(fal: httpx.AsyncClient, stage: str) -> None:
    with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
        await visit(fal, stage, {"kind": "cut"})
    counts = await stats(fal)
    assert counts["submitted"] == 1
    assert counts["delivered"] == (stage == "file")


@pytest.mark.parametrize("stage", STAGES)
async def test_a_cut_halfway_leaves_half_an_answer(fal: httpx.AsyncClient, stage: str) -> None:
    with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
        await visit(fal, stage, {"kind": "cut_halfway"})
    assert (await stats(fal))["submitted"] == 1


@pytest.mark.parametrize("stage", STAGES)
async def test_silence_does_the_work_and_lasts(fal: httpx.AsyncClient, stage: str) -> None:
    fal.timeout = httpx.Timeout(5, read=0.5)
    with pytest.raises(httpx.ReadTimeout):
        await visit(fal, stage, {"kind": "silence"})
    assert (await stats(fal))["submitted"] == 1


@pytest.mark.parametrize("stage", STAGES)
async def test_a_drip_is_the_whole_answer(fal: httpx.AsyncClient, stage: str) -> None:
    reply = await visit(fal, stage, {"kind": "drip", "seconds": 0, "count": None})
    assert int(reply.headers["content-length"]) == len(reply.content)
    if stage == "file":
        assert Image.open(io.BytesIO(reply.content)).size == SIZE
    else:
        assert reply.json()


async def test_a_drip_comes_byte_by_byte(fal: httpx.AsyncClient) -> None:
    await misbehave(fal, "drip", "submit", seconds=0.03)
    async with fal.stream("POST", MODEL, json=body()) as reply:
        chunks = reply.aiter_raw()
        first = [await anext(chunks) for _ in range(5)]
        await reply.aclose()
    assert all(len(chunk) == 1 for chunk in first)
    assert b"".join(first) == b'{"sta'


@pytest.mark.parametrize("stage", STAGES)
async def test_html_comes_in_place_of_anything(fal: httpx.AsyncClient, stage: str) -> None:
    reply = await visit(fal, stage, {"kind": "html"})
    assert (reply.status_code, reply.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert (await stats(fal))["submitted"] == 1


async def test_urls_may_point_to_another_host(fal: httpx.AsyncClient) -> None:
    reply = await visit(fal, "submit", {"kind": "foreign_status_url"})
    assert reply.json()["status_url"] == FOREIGN_URL
    assert FOREIGN_URL not in reply.json()["response_url"]
    reply = await visit(fal, "result", {"kind": "foreign_picture_url", "url": "http://localhost:1/p.png"})
    assert reply.json()["images"][0]["url"] == "http://localhost:1/p.png"
    assert "x-fal-billable-units" in reply.headers


async def test_status_fails_for_a_while_and_recovers(fal: httpx.AsyncClient) -> None:
    await misbehave(fal, "error_500", "status", count=3)
    ticket = await submit(fal)
    codes = [(await fal.get(ticket["status_url"])).status_code for _ in range(3)]
    assert codes == [500] * 3
    await completed(fal, ticket)


@pytest.mark.parametrize(("kind", "expected"), FAILED.items())
async def test_a_failed_job_reads_as_completed_and_its_result_says_why(
    fal: httpx.AsyncClient, kind: str, expected: tuple[int, str]
) -> None:
    await misbehave(fal, kind)
    ticket = await submit(fal)
    status = await completed(fal, ticket)
    assert status.get("error_type") == (None if kind == "failed_quietly" else expected[1])
    reply = await fal.get(ticket["response_url"])
    (error,) = reply.json()["detail"]
    assert (reply.status_code, error["type"]) == expected
    assert error["loc"][0] == "body"
    assert reply.headers["x-fal-error-type"] == expected[1]
    assert reply.headers["x-fal-request-id"] == ticket["request_id"]
    assert reply.headers["x-fal-retryable"] == str(kind == "failed_503").lower()


@pytest.mark.parametrize(("kind", "expected"), FAILED_AT_THE_GATEWAY.items())
async def test_the_gateways_failures_have_its_own_shape(
    fal: httpx.AsyncClient, kind: str, expected: tuple[int, str]
) -> None:
    await misbehave(fal, kind)
    ticket = await submit(fal)
    status = await completed(fal, ticket)
    reply = await fal.get(ticket["response_url"])
    assert (reply.status_code, reply.json()["error_type"]) == expected
    assert isinstance(reply.json()["detail"], str)
    assert (status["error"], status["error_type"]) == (reply.json()["detail"], expected[1])
    assert "x-fal-request-id" not in reply.headers
    assert (await fal.get("/_sim/log")).json()[0]["fault"] == kind


@pytest.mark.parametrize(("kind", "flagged"), [("black", False), ("black_flagged", True)])
async def test_a_withheld_picture_is_black(fal: httpx.AsyncClient, kind: str, *, flagged: bool) -> None:
    await misbehave(fal, kind)
    answer = (await result(fal)).json()
    assert answer["has_nsfw_concepts"] == [flagged]
    image = Image.open(io.BytesIO((await fal.get(answer["images"][0]["url"])).content))
    assert (image.size, image.getextrema()) == (SIZE, ((0, 0),) * 3)


async def test_a_picture_may_be_flagged_and_yet_be_there(fal: httpx.AsyncClient) -> None:
    good = await picture(fal)
    await misbehave(fal, "flagged")
    answer = (await result(fal)).json()
    assert answer["has_nsfw_concepts"] == [True]
    assert (await fal.get(answer["images"][0]["url"])).content == good
    assert min(ImageStat.Stat(Image.open(io.BytesIO(good))).stddev) > 5


async def test_pictures_that_are_none(fal: httpx.AsyncClient) -> None:
    async def spoilt(kind: str) -> bytes:
        await misbehave(fal, kind)
        return await picture(fal)

    good = await picture(fal)
    garbage = await spoilt("garbage")
    assert len(garbage) == len(good)
    with pytest.raises(OSError, match="cannot identify"):
        Image.open(io.BytesIO(garbage))
    truncated = await spoilt("truncated")
    assert good.startswith(truncated)
    with pytest.raises(OSError, match="truncated"):
        Image.open(io.BytesIO(truncated)).load()
    assert Image.open(io.BytesIO(await spoilt("wrong_size"))).size == (SIZE[0] // 2, SIZE[1] // 2)
    width, height = Image.open(io.BytesIO(await spoilt("too_large"))).size
    assert width * height > 40_000_000


async def test_a_spoilt_picture_stays_so_also_inline(fal: httpx.AsyncClient) -> None:
    await misbehave(fal, "black", count=2)
    answer = (await result(fal, sync_mode=True)).json()
    black = await picture(fal)
    assert answer["images"][0]["url"] == data_uri(black)


async def test_a_job_may_never_end_while_others_do(fal: httpx.AsyncClient) -> None:
    await misbehave(fal, "never_ends")
    stuck = await submit(fal)
    await completed(fal, await submit(fal))
    status = await fal.get(stuck["status_url"])
    assert (status.status_code, status.json()["status"]) == (202, "IN_PROGRESS")
    await fal.put(stuck["cancel_url"])
    assert (await stats(fal))["in_progress"] == 0


async def test_rules_pick_submissions_and_count_their_hits(fal: httpx.AsyncClient) -> None:
    rules = [
        {"kind": "error_500", "match": {"seeds": [3, 4]}, "count": None},
        {"kind": "error_502", "match": {"prompt": "TAILOR", "after": 4}, "count": 2},
        {"kind": "error_504", "match": {"every": 2}, "count": None},
    ]
    assert (await fal.post("/_sim/faults", json=rules)).status_code == 200
    codes = [(await fal.post(MODEL, json=body(seed=seed))).status_code for seed in range(1, 10)]
    assert codes == [200, 504, 500, 500, 502, 502, 200, 504, 200]
    listing = (await fal.get("/_sim/faults")).json()
    assert [(rule["stage"], rule["hits"]) for rule in listing] == [
        ("submit", 2),
        ("submit", 2),
        ("submit", 2),
    ]
    log = (await fal.get("/_sim/log")).json()
    assert [(job["number"], job["seed"]) for job in log] == [(1, 1), (7, 7), (9, 9)]
    assert (await fal.delete("/_sim/faults")).status_code == 204
    assert (await fal.get("/_sim/faults")).json() == []
    await submit(fal, seed=3)


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ({"kind": "tantrum"}, "unknown kind 'tantrum'"),
        ({"kind": "black", "stage": "file"}, "black applies at run, not at file"),
        ({"kind": "foreign_status_url", "stage": "result"}, "applies at submit"),
        ({"kind": "reset", "count": 0}, "greater than or equal to 1"),
        ({"kind": "reset", "match": {"seed": 3}}, "Extra inputs are not permitted"),
        ({"kind": "reset", "stage": "lunch"}, "Input should be 'submit'"),
    ],
)
async def test_a_rule_that_makes_no_sense_is_refused(
    fal: httpx.AsyncClient, rule: dict[str, Any], says: str
) -> None:
    reply = await fal.post("/_sim/faults", json=[{"kind": "reset"}, rule])
    assert reply.status_code == 422
    assert says in reply.text
    assert (await fal.get("/_sim/faults")).json() == []


async def test_it_stops_when_told_even_in_the_middle_of_everything() -> None:
    async def said(process: asyncio.subprocess.Process, text: bytes) -> bytes:
        assert process.stderr
        while text not in (line := await process.stderr.readline()):
            assert line, "it ended early"
        return line

    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "simulator", "--port", "0"), stderr=subprocess.PIPE
    )
    ready = re.search(rb"running on (\S+)", await said(process, b"running on "))
    assert ready
    address = ready[1].decode()
    async with httpx.AsyncClient(base_url=address) as fal:
        await misbehave(fal, "silence", "status")
        await misbehave(fal, "never_ends")
        ticket = await submit(fal)
        unanswered = asyncio.create_task(fal.get(ticket["status_url"], timeout=30))

        async def silenced() -> int:
            hits: int = (await fal.get("/_sim/faults")).json()[0]["hits"]
            return hits

        await eventually(silenced, bool)
        process.terminate()
        async with asyncio.timeout(10):
            await process.communicate()
        with pytest.raises(httpx.HTTPError):
            (await unanswered).raise_for_status()
