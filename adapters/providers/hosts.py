"""Which URLs may be called: a forged reply must not carry our key away, nor a key travel in the open."""

from collections.abc import Iterable

import httpx

from adapters.http import is_loopback
from schema.errors import SENTENCES, ProviderRejected


class Hosts:
    """A provider's own origin, and https on the domains that its replies may point to."""

    def __init__(
        self, base_url: str, setting: str, domains: Iterable[str] = (), *, plain_http: bool = False
    ) -> None:
        """Raise ValueError, in words for the operator, when `base_url` cannot work."""
        try:
            base = httpx.URL(base_url)
        except httpx.InvalidURL as error:
            raise ValueError(f"{setting} is no URL: {error}") from error
        self._local = is_loopback(base.host)
        allowed = ("https", "http") if self._local or plain_http else ("https",)
        if not base.host or base.scheme not in allowed:
            raise ValueError(f"{setting} must be an https URL; plain http is for servers on this machine")
        self._origin = _origin(base)
        self._domains = tuple(domains)

    @property
    def local(self) -> bool:
        """On this machine, so neither key nor proxy is needed."""
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
        if _origin(url) == self._origin:
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
