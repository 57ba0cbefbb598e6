"""Every request is checked here, whatever led to it: a name is resolved once, what was checked is called.

A second look-up could give another answer (DNS rebinding), so the connection goes to the checked address,
while the Host header, the name in the TLS handshake and the one in the certificate stay the URL's.
"""

import ssl
from typing import Final

import httpx

from adapters.public.addresses import Address
from adapters.public.checks import Checks

MAX_TRIED: Final = 4
"""Of the addresses that a name has: one that does not answer is followed by the next."""


class CheckedTransport(httpx.AsyncBaseTransport):
    """For one call. A connection kept for others would belong to an address, and they may mean another name;
    and a pool that many share loses the places of calls that are cancelled while they connect.
    """

    def __init__(self, checks: Checks, verify: ssl.SSLContext) -> None:
        self._checks = checks
        self._inner = httpx.AsyncHTTPTransport(verify=verify, trust_env=False)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        *others, last = (await self._checks.addresses(request.url))[:MAX_TRIED]
        for address in others:
            try:
                return await self._inner.handle_async_request(_to(address, request))
            except (httpx.ConnectError, httpx.ConnectTimeout):
                continue
        return await self._inner.handle_async_request(_to(last, request))

    async def aclose(self) -> None:
        await self._inner.aclose()


def _to(address: Address, request: httpx.Request) -> httpx.Request:
    return httpx.Request(
        request.method,
        request.url.copy_with(host=str(address)),
        headers=request.headers,
        stream=request.stream,
        extensions={**request.extensions, "sni_hostname": request.url.raw_host.decode("ascii")},
    )
