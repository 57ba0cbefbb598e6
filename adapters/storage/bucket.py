"""The bucket that the settings name. Loading MinIO's client is a twentieth of a start, so only buckets do."""

from urllib.parse import urlsplit

from minio.helpers import check_bucket_name

from adapters.storage.s3 import S3Storage
from schema.settings import Settings


def open_bucket(settings: Settings) -> S3Storage:
    """Raise ValueError when settings are missing or make no sense."""
    endpoint, access, secret = settings.s3_endpoint, settings.s3_access_key, settings.s3_secret_key
    if not (endpoint and access and secret):
        wanted = {"S3_ENDPOINT": endpoint, "S3_ACCESS_KEY": access, "S3_SECRET_KEY": secret}
        missing = ", ".join(name for name, value in wanted.items() if not value)
        raise ValueError(
            f"STORAGE_MODE={settings.storage_mode} also needs {missing} (or their CLOUDFLARE_R2_* names)"
        )
    host, secure = _host(endpoint)
    if host.endswith(".amazonaws.com") and settings.s3_region == "auto":
        raise ValueError(
            "S3_REGION must name the bucket's region on Amazon S3; only R2 and the like know 'auto'"
        )
    check_bucket_name(settings.s3_bucket, strict=True)
    return S3Storage(
        host=host,
        secure=secure,
        region=settings.s3_region,
        bucket=settings.s3_bucket,
        access_key=access.get_secret_value(),
        secret_key=secret.get_secret_value(),
        url_ttl_s=settings.url_ttl,
        public_url=settings.cloudflare_r2_public_url,
    )


def _host(endpoint: str) -> tuple[str, bool]:
    url = urlsplit(endpoint)
    if url.scheme not in {"http", "https"} or not url.netloc or url.path.strip("/") or url.query:
        raise ValueError(
            f"S3_ENDPOINT must be http(s)://host[:port], with the bucket in S3_BUCKET, and is {endpoint!r}"
        )
    return url.netloc, url.scheme == "https"
