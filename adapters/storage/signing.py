"""Signed, expiring URLs of local files.

Whoever holds such a URL may read that one object until it expires, and nothing else. URLs of one object
stay equal for a quarter of the time they are good for, so browsers cache pictures across page loads.
"""

import hashlib
import hmac
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from datetime import datetime
from urllib.parse import urlencode

from adapters.storage import BadKey, check_key
from schema.errors import Forbidden

_PURPOSE = b"posegen file url v1"


def signing_window(now_s: float, ttl_s: int, until: datetime | None = None) -> tuple[int, int]:
    """When the current window began, and for how long from then its URLs hold: at least `ttl_s` from now.

    But never longer than `until`.
    """
    length_s = max(1, ttl_s // 4)
    start_s, valid_s = int(now_s) // length_s * length_s, ttl_s + length_s
    return start_s, min(valid_s, max(1, int(until.timestamp()) - start_s)) if until else valid_s


class UrlSigner:
    def __init__(
        self, base_url: str, secret: str, ttl_s: int, *, clock: Callable[[], float] = time.time
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._ttl_s = ttl_s
        self._clock = clock
        # A key of its own: nothing learned here helps against tokens signed with the same secret.
        self._key = hmac.digest(secret.encode(), _PURPOSE, "sha256")

    def url(self, key: str, download_name: str | None = None, until: datetime | None = None) -> str:
        start_s, valid_s = signing_window(self._clock(), self._ttl_s, until)
        expires = str(start_s + valid_s)
        name = download_name or ""
        query = {"exp": expires, "sig": self._signature(key, expires, name)} | ({"dl": name} if name else {})
        return f"{self._base_url}/files/{check_key(key)}?{urlencode(query)}"

    def verify(self, key: str, query: Mapping[str, str]) -> None:
        """Raise Forbidden unless `url` made exactly this key and query, and it still holds."""
        expires, given = query.get("exp", ""), query.get("sig", "")
        wanted = self._signature(key, expires, query.get("dl", ""))
        if not hmac.compare_digest(given.encode(errors="replace"), wanted.encode()) or not _is_key(key):
            raise Forbidden("This link is not valid.")
        if (
            int(expires) <= self._clock()
        ):  # only after the signature: a stranger learns nothing from the difference
            raise Forbidden("This link has expired. Load the page again to get a new one.")

    def _signature(self, key: str, expires: str, name: str) -> str:
        message = f"{key}\n{expires}\n{name}".encode("utf-8", "surrogatepass")
        return urlsafe_b64encode(hmac.digest(self._key, message, hashlib.sha256)).decode().rstrip("=")


def _is_key(key: str) -> bool:
    """A newline in a key would let the signed fields shift into each other."""
    try:
        check_key(key)
    except BadKey:
        return False
    return True
