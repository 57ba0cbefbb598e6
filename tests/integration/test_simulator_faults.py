"""Every way in which the simulator misbehaves to a call, as a client sees it over a real connection."""

import asyncio
import io
import re
import subprocess
import sys
from typing import Any

import httpx
import pytest
from PIL import Image

from simulator.faults.replies import FOREIGN_URL
from simulator.faults.rules import KINDS
from tests.eventually import eventually
from tests.integration.faults import FAILED, FAILED_AT_THE_GATEWAY, SIZE, fal, misbehave, stats, url
from tests.servers.simulator import MODEL, body, completed, submit

__all__ = ["fal", "url"]

STAGES = ("submit", "status", "result", "file", "cancel")


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


def test_every_kind_is_tried() -> None:
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
