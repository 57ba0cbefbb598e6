import pytest
from PIL import Image

from imaging.checks import decode
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
    order = await open_shop.order(3, formats=FORMATS)
    await open_shop.settled(await open_shop.start(order))
    items = await open_shop.items(order.generation_id)
    assert [sorted(item.exports) for item in items] == [sorted(FORMATS)] * 3
    assert len(decoded) == 3
