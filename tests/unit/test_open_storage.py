"""The storage that the settings ask for, or a sentence that tells the operator what is missing."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters.storage.factory import open_storage
from adapters.storage.local import LocalStorage
from schema.settings import Settings

KEY = "thumbnails/gen_1/item_1.jpg"
R2 = {
    "storage_mode": "r2",
    "s3_endpoint": "https://account.r2.cloudflarestorage.com",
    "s3_bucket": "pictures",
    "s3_access_key": "access",
    "s3_secret_key": "secret",
    "cloudflare_r2_public_url": None,
}


def settings(**values: Any) -> Settings:
    return Settings(_env_file=None, **values)


async def test_local_signs_with_a_secret_of_its_own(tmp_path: Path) -> None:
    storage = open_storage(
        settings(storage_mode="local", storage_local_path=tmp_path, public_base_url="https://shop.test")
    )
    assert isinstance(storage, LocalStorage)
    assert storage.url(KEY).startswith(f"https://shop.test/files/{KEY}?exp=")
    await storage.close()


async def test_r2_presigns_without_any_network() -> None:
    storage = open_storage(settings(**R2, url_ttl=600))
    url = storage.url(KEY)
    assert url.startswith(
        f"https://account.r2.cloudflarestorage.com/pictures/{KEY}?response-content-type=image%2Fjpeg&X-Amz-"
    )
    assert "X-Amz-Expires=750&" in url
    await storage.close()


async def test_the_longest_ttl_fits_what_s3_allows() -> None:
    storage = open_storage(settings(**R2, url_ttl=7 * 24 * 3600))
    assert "X-Amz-Expires=604800&" in storage.url(KEY)
    await storage.close()


async def test_a_public_bucket_gives_plain_urls_except_for_downloads_and_what_must_end() -> None:
    storage = open_storage(settings(**R2 | {"cloudflare_r2_public_url": "https://cdn.shop.test/"}))
    assert storage.url(KEY) == f"https://cdn.shop.test/{KEY}"
    assert "X-Amz-Signature=" in storage.url(KEY, download_name="pose.jpg")
    assert "X-Amz-Signature=" in storage.url(KEY, until=datetime.now(UTC) + timedelta(hours=1))
    await storage.close()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"s3_endpoint": None}, "STORAGE_MODE=r2 also needs S3_ENDPOINT "),
        ({"s3_access_key": None, "s3_secret_key": None}, "needs S3_ACCESS_KEY, S3_SECRET_KEY "),
        ({"s3_endpoint": "account.r2.cloudflarestorage.com"}, r"must be http\(s\)://"),
        (
            {"s3_endpoint": "https://account.r2.cloudflarestorage.com/pictures"},
            "with the bucket in S3_BUCKET",
        ),
        ({"s3_endpoint": "https://s3.eu-west-1.amazonaws.com"}, "S3_REGION"),
        ({"s3_bucket": "No Bucket"}, "invalid bucket name"),
    ],
    ids=str,
)
def test_bad_settings_say_what_to_do(change: dict[str, str | None], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        open_storage(settings(**R2 | change))
