"""Signed URLs of both storages: what they open, under which name and until when."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from adapters.storage import CACHE_CONTROL
from tests.integration.storages import KEY, PICTURE, place
from tests.servers.storage import Place

__all__ = ["place"]


@pytest.mark.parametrize(
    ("key", "content_type"),
    [
        (KEY, "image/png"),
        ("thumbnails/g/i.jpg", "image/jpeg"),
        ("library/preview/a.webp", "image/webp"),
        ("staging/g/i-7", "application/octet-stream"),
        ("uploads/page.html", "application/octet-stream"),
    ],
)
async def test_a_signed_url_downloads_with_the_right_type(place: Place, key: str, content_type: str) -> None:
    await place.storage.put(key, PICTURE)
    response = await place.http.get(place.storage.url(key))
    assert (response.status_code, response.content) == (200, PICTURE)
    assert response.headers["content-type"] == content_type
    assert response.headers["cache-control"] == CACHE_CONTROL
    assert "content-disposition" not in response.headers


@pytest.mark.parametrize("name", ["pose-1.png", "Kaos é 1.png", 'a"b;c.png', "a\r\nX-Evil: 1.png"], ids=ascii)
async def test_a_download_has_its_name(place: Place, name: str) -> None:
    await place.storage.put(KEY, PICTURE)
    response = await place.http.get(place.storage.url(KEY, download_name=name))
    assert (response.status_code, response.content) == (200, PICTURE)
    assert response.headers["content-disposition"].startswith("attachment; filename")
    assert "x-evil" not in response.headers


async def test_a_url_opens_nothing_else(place: Place) -> None:
    other = "generated/gen_2/item_9.png"
    await place.storage.put(KEY, PICTURE)
    await place.storage.put(other, PICTURE)
    url = place.storage.url(KEY, download_name="a.png")
    unsigned, _, signature = url.partition("?")
    for tampered in (
        unsigned,
        url.replace(KEY, other),
        url.replace("a.png", "b.png"),
        url[:-1] + ("A" if url[-1] != "A" else "B"),
        f"{unsigned}?{signature}".replace("xp=1", "xp=2").replace("Expires=4", "Expires=5"),
    ):
        assert tampered != url
        assert (await place.http.get(tampered)).status_code == 403
    assert (await place.http.get(url)).status_code == 200


async def test_a_url_expires(place: Place) -> None:
    await place.storage.put(KEY, PICTURE)
    for age_s, status in ((3500, 200), (3600 * 5 / 4 + 1, 403)):
        earlier = place.at(time.time() - age_s)
        assert (await place.http.get(earlier.url(KEY))).status_code == status
        await earlier.close()


async def test_a_url_can_be_made_to_end_sooner(place: Place) -> None:
    await place.storage.put(KEY, PICTURE)
    earlier = place.at(time.time() - 100)
    for ends_in_s, status in ((50, 200), (-50, 403), (-1000, 403)):
        until = datetime.now(UTC) + timedelta(seconds=ends_in_s)
        for name in (None, "a.png"):
            url = earlier.url(KEY, until=until, download_name=name)
            assert (await place.http.get(url)).status_code == status
    later = datetime.now(UTC) + timedelta(days=90)
    assert place.at(1_800_000_000).url(KEY, until=later) == place.at(1_800_000_000).url(KEY)
    await earlier.close()


async def test_urls_stay_equal_within_a_window(place: Place) -> None:
    urls = []
    for offset_s in (0, 899, 900):
        later = place.at(1_800_000_000 + offset_s)
        urls.append(later.url(KEY))
        await later.close()
    assert urls[0] == urls[1] != urls[2]
