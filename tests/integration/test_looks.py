"""Figures cut out at the provider, and the look at pictures before they are delivered, on real servers."""

from pathlib import Path
from typing import Any

import pytest

from schema.errors import SENTENCES
from schema.kinds import PictureCheck
from schema.settings import Settings
from tests.integration.front_door import Customer
from tests.integration.shop import Shop
from tests.integration.test_backgrounds import PINK, WHITE, changed, delivered, picture, pixel
from tests.unit.test_judging import net

CUT, LOOK = "fal-ai/birefnet", "fal-ai/imageutils/nsfw"


@pytest.fixture
def settings(settings: Settings, request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """As the test sets them; the model finds red improper."""
    file = net(tmp_path / "classifier.onnx", ((-6.0, 6.0), (3.0, -3.0), (3.0, -3.0)))
    return settings.model_copy(update={"picture_check_model": file, **getattr(request, "param", {})})


def set_to(**values: Any) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("settings", [values], indirect=True)


async def asked(shop: Shop, endpoint: str) -> int:
    return sum(job["endpoint"] == endpoint for job in await shop.submissions())


def fault(kind: str, endpoint: str, count: int | None = 1, **more: Any) -> dict[str, Any]:
    return {"kind": kind, "count": count, "match": {"endpoint": endpoint}} | more


async def undelivered(ann: Customer, shop: Shop, **more: Any) -> dict[str, Any]:
    """The end of a generation of one item that could not be delivered, all of it given back."""
    before = (await ann.get("/credits"))["balance"]
    generation_id = await ann.start(await shop.poses(1), **more)
    end = await ann.finished(generation_id)
    assert end["type"] == "failed"
    assert (await ann.get("/credits"))["balance"] == before
    folder = f"generated/{generation_id}/"
    assert [found.key async for found in shop.storage.list(folder)] == [], "nothing was stored"
    await shop.books_agree()
    return end


@set_to(matting="provider")
async def test_the_provider_cuts_out_each_figure_once_however_often_its_background_changes(
    ann: Customer, open_shop: Shop
) -> None:
    items = await delivered(ann, open_shop, 2, **WHITE)
    for item in items:
        shown = await picture(item["outputImageUrl"])
        assert pixel(shown) == (255, 255, 255)
        assert len(shown.getcolors(10**6) or []) > 100, "with the figure before it"
    assert await asked(open_shop, CUT) == 2
    pink = await changed(ann, items[0]["id"], **PINK)
    assert pixel(await picture(pink["pose"]["outputImageUrl"])) == (255, 0, 204)
    assert await asked(open_shop, CUT) == 2
    (plain,) = await delivered(ann, open_shop, 1, seed=8)
    await changed(ann, plain["id"], **PINK)
    assert await asked(open_shop, CUT) == 3
    await open_shop.books_agree()


@set_to(matting="provider")
@pytest.mark.parametrize(
    ("rule", "code"),
    [
        (fault("error_422", CUT, stage="submit"), "PROVIDER_REJECTED"),
        (fault("locked", CUT, stage="submit"), "PROVIDER_ACCOUNT"),
        (fault("moderated", CUT, None), "OUTPUT_MODERATED"),
        (fault("garbage", CUT, None), "BAD_IMAGE"),
    ],
)
async def test_an_outline_that_cannot_be_had_is_refunded_as_a_picture_is(
    ann: Customer, open_shop: Shop, rule: dict[str, Any], code: str
) -> None:
    await open_shop.faults(rule)
    assert (await undelivered(ann, open_shop, **WHITE))["errorCode"] == code


@set_to(matting="provider")
async def test_waiting_out_a_busy_provider_costs_no_second_outline(ann: Customer, open_shop: Shop) -> None:
    await open_shop.faults(
        fault("rate_limited", CUT, 2, seconds=0.2), fault("error_503", CUT, 3, stage="status")
    )
    await delivered(ann, open_shop, 1, **WHITE)
    assert await asked(open_shop, CUT) == 1


@set_to(picture_check=PictureCheck.PROVIDER)
async def test_the_provider_looks_at_each_picture_and_what_it_flags_gets_another_seed(
    ann: Customer, open_shop: Shop
) -> None:
    await open_shop.faults(fault("flagged", LOOK))
    items = await delivered(ann, open_shop, 2)
    assert await asked(open_shop, LOOK) == 3
    assert await asked(open_shop, open_shop.settings.fal_model) == 3
    assert len({item["seedUsed"] for item in items}) == 2
    await open_shop.books_agree()


@set_to(picture_check=PictureCheck.PROVIDER)
async def test_flagged_twice_it_is_refunded(ann: Customer, open_shop: Shop) -> None:
    await open_shop.faults(fault("flagged", LOOK, 2))
    end = await undelivered(ann, open_shop)
    assert end["errorCode"] == "OUTPUT_MODERATED"
    assert await asked(open_shop, open_shop.settings.fal_model) == 2


@set_to(picture_check=PictureCheck.PROVIDER, flux_max_failures=2)
@pytest.mark.parametrize("kind", ["failed_500", "failed_422"])
async def test_what_nobody_could_look_at_is_not_delivered(ann: Customer, open_shop: Shop, kind: str) -> None:
    await open_shop.faults(fault(kind, LOOK, None))
    end = await undelivered(ann, open_shop)
    assert (end["errorCode"], end["error"]) == ("PICTURE_UNCHECKED", SENTENCES["PICTURE_UNCHECKED"])
    assert await asked(open_shop, open_shop.settings.fal_model) == 1


@set_to(picture_check=PictureCheck.PROVIDER)
async def test_a_later_background_is_looked_at_too(ann: Customer, open_shop: Shop) -> None:
    (item,) = await delivered(ann, open_shop)
    before = (await ann.get("/credits"))["balance"]
    await open_shop.faults(fault("flagged", LOOK))
    refused = await changed(ann, item["id"], **PINK)
    assert refused["backgroundChange"]["status"] == "failed"
    assert refused["backgroundChange"]["errorCode"] == "OUTPUT_MODERATED"
    assert (await ann.get("/credits"))["balance"] == before
    assert pixel(await picture(refused["pose"]["outputImageUrl"])) != (255, 0, 204)
    pink = await changed(ann, item["id"], **PINK)
    assert pixel(await picture(pink["pose"]["outputImageUrl"])) == (255, 0, 204)
    assert await asked(open_shop, LOOK) == 3
    await open_shop.books_agree()


@set_to(picture_check=PictureCheck.MODEL)
async def test_a_model_looks_at_them_on_this_machine(ann: Customer, open_shop: Shop) -> None:
    (item,) = await delivered(ann, open_shop, 1, **WHITE)
    red = await changed(ann, item["id"], backgroundMode="solid_color", backgroundColor="#FF0000")
    assert red["backgroundChange"]["errorCode"] == "OUTPUT_MODERATED"
    end = await undelivered(ann, open_shop, **WHITE | {"backgroundColor": "#FF0000"})
    assert end["errorCode"] == "OUTPUT_MODERATED"
    assert {job["endpoint"] for job in await open_shop.submissions()} == {open_shop.settings.fal_model}
