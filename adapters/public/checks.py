"""Whether a URL may be called, and at which addresses."""

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import httpx

from adapters.public.addresses import Address, Lookup, is_loopback, is_public, literal, looked_up
from adapters.public.failures import AddressRefused, FetchFailed, not_public

LOOKUP_S: Final = 5.0
LOOKUPS_AT_ONCE: Final = 8
MAX_PORT: Final = 65535
LOCALHOST: Final = "localhost"


class Checks:
    def __init__(
        self, lookup: Lookup, *, allow_loopback: bool, lookups_at_once: int = LOOKUPS_AT_ONCE
    ) -> None:
        self._allow_loopback = allow_loopback
        self._lookup = lookup
        # Threads of their own, so that name servers that hang hold up nothing but other look-ups.
        self._threads = ThreadPoolExecutor(lookups_at_once, "lookup")

    async def addresses(self, url: httpx.URL) -> tuple[Address, ...]:
        """Where a URL leads, if it may be called. One address that is not public condemns its name."""
        found = await self._found(_host(url))
        local = self._allow_loopback and all(map(is_loopback, found))
        if not found or not (local or all(map(is_public, found))):
            raise not_public()
        _require_safe(url, local=local)
        return found

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _found(self, host: str) -> tuple[Address, ...]:
        try:
            address = literal(host)
            return (address,) if address else looked_up(await self._resolved(host))
        except (OSError, ValueError, TimeoutError) as error:
            if isinstance(error, TimeoutError) or error.args[:1] == (socket.EAI_AGAIN,):
                raise FetchFailed("The name servers of this address do not answer.") from error
            raise not_public() from error

    async def _resolved(self, name: str) -> list[str]:
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(LOOKUP_S):
            return list(await loop.run_in_executor(self._threads, self._lookup, name))


def parsed(url: str) -> httpx.URL:
    try:
        made = httpx.URL(url)
        _ = made.host  # decoded only when it is asked for, which may fail
    except (httpx.InvalidURL, UnicodeError) as error:
        raise AddressRefused("This is not a valid URL.") from error
    return made


def refuse_impossible(url: str, *, allow_loopback: bool) -> None:
    """What can be told of a URL without asking any name server; the rest is told when it is called."""
    asked = parsed(url)
    host = _host(asked)
    try:
        address = literal(host)
    except ValueError as error:
        raise not_public() from error
    is_local = is_loopback(address) if address else host == LOCALHOST
    local = allow_loopback and is_local
    if not local and (is_local or (address and not is_public(address))):
        raise not_public()
    _require_safe(asked, local=local)


def _host(url: httpx.URL) -> str:
    if not _complete(url):
        raise AddressRefused("Give a complete https URL, such as https://shop.example/model.jpg.")
    if url.userinfo:
        raise AddressRefused("Give the URL without a user name or password in it.")
    return url.raw_host.decode("ascii").lower()


def _require_safe(url: httpx.URL, *, local: bool) -> None:
    if url.scheme == "http" and not local:
        raise AddressRefused("Give an https URL: plain http is not safe.")


def _complete(url: httpx.URL) -> bool:
    port_fits = url.port is None or 0 < url.port <= MAX_PORT
    return url.scheme in ("https", "http") and bool(url.raw_host) and port_fits
