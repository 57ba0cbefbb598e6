"""The storage that the settings ask for."""

from adapters.storage import Storage
from adapters.storage.local import LocalStorage
from adapters.storage.signing import UrlSigner
from schema.errors import Misconfigured
from schema.settings import Settings


def open_storage(settings: Settings) -> Storage:
    """Raise Misconfigured when settings are missing or make no sense."""
    try:
        if settings.storage_mode == "local":
            return _open_local(settings)
        from adapters.storage.bucket import open_bucket  # noqa: PLC0415 - slow to load, and local needs none

        return open_bucket(settings)
    except ValueError as error:
        raise Misconfigured(str(error)) from error


def _open_local(settings: Settings) -> LocalStorage:
    secret = settings.jwt_secret.get_secret_value()
    signer = UrlSigner(settings.public_base_url, secret, settings.url_ttl)
    return LocalStorage(settings.storage_local_path, signer)
