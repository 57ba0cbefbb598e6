"""What fal is asked about a picture, what its answers mean, and which cut-outs are believed."""

import base64
import json
from io import BytesIO

import pytest
from PIL import Image

from adapters.providers import ShownPicture
from imaging.matting import given
from schema.errors import BadImage, ItemError, OutputModerated, ProviderAccount, ProviderUnavailable
from tests.unit.fal_script import COMPLETED, HANDLE, PICTURE, PICTURE_URL, Answer, FalScript, begun, reply

REQUEST = ShownPicture(data=b"\xff\xd8 picture", media_type="image/jpeg")
RESULT = {"image": {"url": PICTURE_URL, "content_type": "image/png"}}


async def test_it_is_shown_the_picture_itself() -> None:
    script = FalScript()
    assert await begun(script.matting(), REQUEST) == HANDLE
    (request,) = script.requests
    assert request.url.path == "/fal-ai/birefnet"
    assert json.loads(request.content) == {
        "image_url": "data:image/jpeg;base64," + base64.b64encode(REQUEST.data).decode(),
        "model": "General Use (Heavy)",
        "operating_resolution": "1024x1024",
        "output_format": "png",
        "refine_foreground": False,
    }
    assert request.headers["X-Fal-Request-Timeout"] == "180"


async def test_the_endpoint_is_a_setting() -> None:
    script = FalScript()
    await script.matting(fal_matting_model="fal-ai/birefnet/v2").submit(REQUEST)
    assert script.requests[0].url.path == "/fal-ai/birefnet/v2"


async def test_its_answer_is_one_picture_and_not_a_list() -> None:
    picture = await FalScript(result=[reply(200, RESULT)]).matting().wait(HANDLE)
    assert (picture.data, picture.seed) == (PICTURE, None)


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (reply(200, {"image": None}), BadImage),
        (reply(200, {"image": [RESULT["image"]]}), BadImage),
        (reply(422, {"detail": [{"type": "content_policy_violation"}]}), OutputModerated),
        (reply(403, {"detail": "User is locked. Reason: Exhausted balance."}), ProviderAccount),
        (reply(500, {"detail": "x", "error_type": "internal_error"}), ProviderUnavailable),
    ],
)
async def test_failures_are_those_of_every_job(result: Answer, expected: type[ItemError]) -> None:
    with pytest.raises(ItemError) as caught:
        await FalScript(status=[COMPLETED], result=[result]).matting().wait(HANDLE)
    assert type(caught.value) is expected


def png(image: Image.Image) -> bytes:
    out = BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def figure(size: tuple[int, int], mode: str = "RGBA") -> Image.Image:
    cut = Image.new("RGBA", size, (0, 0, 0, 0))
    cut.paste((200, 50, 50, 255), (size[0] // 4, size[1] // 4, size[0] // 2, size[1] // 2))
    return cut.convert(mode)


@pytest.mark.parametrize("size", [(64, 96), (128, 192)])
def test_of_a_cut_out_only_the_shares_are_kept_in_the_pictures_size(size: tuple[int, int]) -> None:
    share = given.kept(given.share_of(png(figure(size)), (64, 96)))
    assert (share.size, share.mode) == ((64, 96), "L")
    assert (share.getpixel((24, 30)), share.getpixel((2, 2))) == (255, 0)


@pytest.mark.parametrize(
    ("cut", "why"),
    [
        (png(figure((64, 64), "RGB")), "transparency"),
        (png(Image.new("RGBA", (64, 64), (9, 9, 9, 0))), "no figure"),
        (png(Image.new("RGBA", (64, 64), (9, 9, 9, 253))), "no figure"),
        (b"not a picture", "not a PNG"),
    ],
)
def test_what_is_no_cut_out_is_refused(cut: bytes, why: str) -> None:
    with pytest.raises(BadImage, match=why):
        given.share_of(cut, (64, 64))


async def test_the_check_is_shown_the_picture_and_says_how_improper_it_is() -> None:
    script = FalScript(result=[reply(200, {"nsfw_probability": 0.25})])
    check = script.check()
    assert await begun(check, REQUEST) == HANDLE
    (request,) = script.requests
    assert request.url.path == "/fal-ai/imageutils/nsfw"
    assert json.loads(request.content)["image_url"].startswith("data:image/jpeg;base64,")
    assert await check.wait(HANDLE) == 0.25


@pytest.mark.parametrize(
    "said", [{}, {"nsfw_probability": None}, {"nsfw_probability": 1.5}, {"nsfw_probability": True}]
)
async def test_a_check_that_says_nothing_is_none(said: dict[str, object]) -> None:
    with pytest.raises(BadImage):
        await FalScript(result=[reply(200, said)]).check().wait(HANDLE)


@pytest.mark.parametrize("probability", [0, 1])
async def test_being_sure_is_an_answer(probability: int) -> None:
    check = FalScript(result=[reply(200, {"nsfw_probability": probability})]).check()
    assert await check.wait(HANDLE) == probability
