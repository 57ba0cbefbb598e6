import weakref
from typing import Any

import pytest
from PIL import Image

from adapters.decoded import JustDecoded
from imaging.checks import decode
from schema.queries import delivery
from tests.integration.shop import Shop

FORMATS = ("instagram_story", "shopee_product")


async def test_a_picture_is_decoded_once_for_its_thumbnail_and_its_exports(
    open_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded: list[tuple[int, int]] = []

    def counted(data: bytes, expected_size: tuple[int, int] | None = None) -> Image.Image:
        picture = decode(data, expected_size)
        decoded.append(picture.size)
        return picture

    for user in ("activities.storage", "imaging.exports"):
        monkeypatch.setattr(f"{user}.decode", counted)
    await _ordered(open_shop, FORMATS)
    assert len(decoded) == 3


@pytest.mark.parametrize("formats", [(), FORMATS])
async def test_only_what_will_be_exported_stays_in_memory(
    formats: tuple[str, ...], open_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = list[str]()
    monkeypatch.setattr(JustDecoded, "keep", lambda _, key, __: kept.append(key))
    await _ordered(open_shop, formats)
    assert len(kept) == (3 if formats else 0)


async def test_no_picture_is_in_memory_while_its_row_is_written(
    open_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded, held, deliver = list[weakref.ref[Image.Image]](), list[int](), delivery.deliver

    def noted(data: bytes, expected_size: tuple[int, int] | None = None) -> Image.Image:
        picture = decode(data, expected_size)
        decoded.append(weakref.ref(picture))
        return picture

    async def watched(*given: Any, **named: Any) -> bool:
        held.append(sum(picture() is not None for picture in decoded))
        return await deliver(*given, **named)

    monkeypatch.setattr("activities.storage.decode", noted)
    monkeypatch.setattr(delivery, "deliver", watched)
    await _ordered(open_shop, (), items=1)
    assert (len(decoded), held) == (1, [0])


async def _ordered(shop: Shop, formats: tuple[str, ...], items: int = 3) -> None:
    order = await shop.order(items, formats=formats)
    await shop.settled(await shop.start(order))
    stored = await shop.items(order.generation_id)
    assert [sorted(item.exports) for item in stored] == [sorted(formats)] * items
