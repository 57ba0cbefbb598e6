"""The simulator's jobs that fail, never end or give spoilt pictures, as a client sees them."""

import io

import httpx
import pytest
from PIL import Image, ImageStat

from tests.integration.faults import FAILED, FAILED_AT_THE_GATEWAY, SIZE, fal, misbehave, stats, url
from tests.servers.simulator import completed, data_uri, picture, result, submit

__all__ = ["fal", "url"]


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
