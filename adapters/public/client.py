"""GET and POST to a user's address, bounded in time, size and redirects; no proxy, cookies or keep-alive."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Final

import httpx

from adapters.http import Reply, authorities
from adapters.public.addresses import Lookup, system_lookup
from adapters.public.checks import LOOKUPS_AT_ONCE, Checks, parsed
from adapters.public.failures import FetchFailed, TookTooLong
from adapters.public.transport import CheckedTransport

CALLS_AT_ONCE: Final = 50
MAX_REDIRECTS: Final = 3
PAUSE_S: Final = 10.0
"""The longest silence; the call as a whole has its own limit."""
HEADERS: Final = {"User-Agent": "posegen", "Accept-Encoding": "identity"}
NO_COOKIES: Final = DefaultCookiePolicy(allowed_domains=())


class PublicClient:
    """Raises AddressRefused for what may not be called, FetchFailed for what did not work."""

    def __init__(
        self,
        *,
        allow_loopback: bool,
        lookup: Lookup = system_lookup,
        verify: ssl.SSLContext | None = None,
        calls_at_once: int = CALLS_AT_ONCE,
        lookups_at_once: int = LOOKUPS_AT_ONCE,
    ) -> None:
        """`allow_loopback` is for development: this machine only, there also by plain http."""
        self._checks = Checks(lookup, allow_loopback=allow_loopback, lookups_at_once=lookups_at_once)
        self._verify = verify or authorities()
        self._calls = asyncio.Semaphore(calls_at_once)

    async def check(self, url: str) -> None:
        """Raise AddressRefused for a URL that would be refused now; nothing is sent."""
        await self._checks.addresses(parsed(url))

    async def get(self, url: str, *, max_bytes: int, total_s: float) -> Reply:
        """A successful answer, whole, after at most MAX_REDIRECTS redirects."""
        target = parsed(url)
        async with self._calling(total_s) as client:
            for _ in range(MAX_REDIRECTS + 1):
                async with client.stream("GET", target) as response:
                    if response.next_request is None:
                        return await _whole(response, max_bytes)
                    target = response.next_request.url  # a body that comes with a redirect is never read
        raise FetchFailed("The address redirects too often. Give the final address.")

    async def post(
        self, url: str, content: bytes, headers: Mapping[str, str], *, total_s: float, max_bytes: int = 4096
    ) -> Reply:
        """Whatever is answered, redirects too, which are not followed; the body is cut at `max_bytes`."""
        target = parsed(url)
        async with (
            self._calling(total_s) as client,
            client.stream("POST", target, content=content, headers=dict(headers)) as response,
        ):
            body = await _read(response, max_bytes)
            return Reply(response.status_code, response.headers, body[:max_bytes])

    async def close(self) -> None:
        self._checks.close()

    @asynccontextmanager
    async def _calling(self, total_s: float) -> AsyncIterator[httpx.AsyncClient]:
        """The whole call is bounded: an answer that drips byte by byte never trips a read timeout."""
        try:
            async with asyncio.timeout(total_s), self._calls, self._client() as client:
                yield client
        except (TimeoutError, httpx.TimeoutException) as error:
            raise TookTooLong("The address did not answer in time.") from error
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
            raise FetchFailed("The address could not be reached, or broke off.") from error

    def _client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            transport=CheckedTransport(self._checks, self._verify),
            timeout=PAUSE_S,
            trust_env=False,
            follow_redirects=False,
            cookies=CookieJar(NO_COOKIES),
            headers=HEADERS,
        )


async def _whole(response: httpx.Response, max_bytes: int) -> Reply:
    if not response.is_success:
        raise FetchFailed(f"The address answered with status {response.status_code}.")
    content = await _read(response, max_bytes)
    if len(content) > max_bytes:
        raise FetchFailed(f"What the address sends is larger than {max_bytes} bytes.")
    return Reply(response.status_code, response.headers, content)


async def _read(response: httpx.Response, max_bytes: int) -> bytes:
    """As sent: unpacking could make a gigabyte of a kilobyte. Stops soon after the limit."""
    content = bytearray()
    async for chunk in response.aiter_raw():
        content += chunk
        if len(content) > max_bytes:
            break
    return bytes(content)
