"""Which of the URLs that fal returns may be followed: a forged reply must not carry our key away."""

import httpx

from adapters.http import is_loopback
from schema.errors import SENTENCES, ProviderRejected
from schema.settings import Settings


class Hosts:
    """The queue's own origin, and https on the allowed domains. Plain http never leaves the machine."""

    def __init__(self, settings: Settings) -> None:
        queue = httpx.URL(settings.fal_queue_url)
        self._local = is_loopback(queue.host)
        if not self._local and (queue.scheme != "https" or not queue.host):
            raise ValueError(
                "FAL_QUEUE_URL must be an https URL; plain http is for a simulator on this machine"
            )
        self._queue_origin = _origin(queue)
        self._domains = tuple(settings.fal_allowed_hosts)

    @property
    def local(self) -> bool:
        """The queue is on this machine: a simulator, so neither key nor proxy is needed."""
        return self._local

    def checked(self, url: str) -> httpx.URL:
        """The parsed URL, so that what was checked is what gets called."""
        try:
            parsed = httpx.URL(url)
        except httpx.InvalidURL as error:
            raise _foreign("an invalid URL") from error
        if parsed.userinfo or not self._trusted(parsed):
            raise _foreign(f"{parsed.scheme}://{parsed.host}:{parsed.port or ''}")
        return parsed

    def _trusted(self, url: httpx.URL) -> bool:
        if _origin(url) == self._queue_origin:
            return True
        if self._local and url.scheme in ("http", "https") and is_loopback(url.host):
            return True
        return url.scheme == "https" and url.port is None and self._allowed(url.raw_host.decode("ascii"))

    def _allowed(self, host: str) -> bool:
        return any(host == domain or host.endswith("." + domain) for domain in self._domains)


def _origin(url: httpx.URL) -> tuple[str, bytes, int | None]:
    return url.scheme, url.raw_host, url.port


def _foreign(place: str) -> ProviderRejected:
    """Not retryable: the next request would be paid for and point to the same place."""
    return ProviderRejected(
        SENTENCES[ProviderRejected.code],
        details={"reason": "a returned URL is outside FAL_ALLOWED_HOSTS", "place": place[:200]},
    )
