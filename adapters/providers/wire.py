"""Calls to one provider: pinned hosts, no redirects, the key only where it belongs, everything bounded."""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, Final, TypeVar

import anyio
import httpx
from pydantic import SecretStr

from adapters.exchange import exchange
from adapters.http import NEVER_SENT, Reply, ReplyTooLargeError, authorities, read_within
from adapters.providers.events import CONNECT_S, Events
from adapters.providers.hosts import Hosts
from adapters.providers.pace import Pace, Sleep
from schema.errors import SENTENCES, ProviderUnavailable, SubmitUnclear

T = TypeVar("T")

MAX_JSON_BYTES: Final = 24 * 2**20
"""A result may carry its picture inside, as a data URI."""

SUBMIT_S: Final = 60.0
ASK_S: Final = 10.0
DOWNLOAD_PAUSE_S: Final = 20.0
"""The longest silence inside a download; other calls are bounded as a whole."""

NO_ANSWER: Final = (httpx.RequestError, ReplyTooLargeError, TimeoutError)


def key_of(value: SecretStr | None, setting: str, hosts: Hosts) -> str:
    key = value.get_secret_value().strip() if value else ""
    if not key and not hosts.local:
        raise ValueError(f"{setting} is not set; only a simulator on this machine works without a key")
    if not (key.isascii() and key.isprintable()):
        raise ValueError(f"{setting} contains characters that no key has; copy it again")
    return key


def open_client(
    hosts: Hosts, calls: int, transport: httpx.AsyncBaseTransport | None = None
) -> httpx.AsyncClient:
    """A connection for every call at once, and as many again for cancels; this machine needs no proxy."""
    return httpx.AsyncClient(
        transport=transport,
        verify=authorities(),
        timeout=httpx.Timeout(DOWNLOAD_PAUSE_S, connect=CONNECT_S, pool=CONNECT_S),
        limits=httpx.Limits(max_connections=2 * calls, max_keepalive_connections=2 * calls),
        follow_redirects=False,
        trust_env=not hosts.local,
        headers={"User-Agent": "posegen"},
    )


class Wire:
    def __init__(
        self, client: httpx.AsyncClient, hosts: Hosts, headers: Mapping[str, str], sleep: Sleep
    ) -> None:
        self._client = client
        self._hosts = hosts
        self._headers = dict(headers)
        self._sleep = sleep

    async def submit(self, url: str, timeout_s: float | None = None, **sent: Any) -> Reply:
        """One try; what is raised tells whether the request may have left."""
        target = self._hosts.checked(url)
        try:
            return await self.call("POST", target, timeout_s or SUBMIT_S, **sent)
        except NEVER_SENT as error:
            raise ProviderUnavailable(SENTENCES[ProviderUnavailable.code], details=_trouble(error)) from error
        except NO_ANSWER as error:
            raise SubmitUnclear(SENTENCES[SubmitUnclear.code], details=_trouble(error)) from error

    async def ask(self, method: str, url: str, **sent: Any) -> Reply | None:
        """None when nothing came: trouble on the way, which says nothing about the job."""
        target = self._hosts.checked(url)
        try:
            return await self.call(method, target, ASK_S, **sent)
        except NO_ANSWER:
            return None

    async def look(self, url: str, *, method: str = "GET", **sent: Any) -> Reply:
        """What may be asked as often as one likes. No trouble is waited out."""
        target = self._hosts.checked(url)
        try:
            return await self.call(method, target, ASK_S, **sent)
        except NO_ANSWER as error:
            message = f"{target.scheme}://{target.netloc.decode()} does not answer."
            raise ProviderUnavailable(message, details=_trouble(error)) from error

    async def ask_until(
        self, method: str, url: str, verdict: Callable[[Reply], T | None], pace: Pace | None = None
    ) -> T:
        """Ask until the verdict is settled. A failed ask ends nothing; the caller bounds the time."""
        pace = pace or Pace(self._sleep)
        while True:
            reply = await self.ask(method, url)
            outcome = verdict(reply) if reply else None
            if outcome is not None:
                return outcome
            await pace.pause(reply.retry_after_s if reply else None)

    async def told(
        self, url: str, part: str, verdict: Callable[[Reply], T | None], within_s: float
    ) -> T | None:
        """By the stream of events below an address. None when it does not settle the verdict, whatever became
        of it: that says nothing about the job, which can be asked for.
        """
        above = self._hosts.checked(url)
        events = Events(self._client, above.copy_with(path=f"{above.path}/{part}"), self._headers)
        return await exchange(events.settling(verdict, within_s, MAX_JSON_BYTES))

    async def call(
        self,
        method: str,
        target: httpx.URL,
        timeout_s: float,
        *,
        headers: Mapping[str, str] | None = None,
        limit_bytes: int = MAX_JSON_BYTES,
        **sent: Any,
    ) -> Reply:
        """The whole call is bounded: a reply that drips byte by byte never trips a read timeout."""
        all_headers = self._headers | dict(headers or {})
        timeout = httpx.Timeout(timeout_s, connect=CONNECT_S, pool=CONNECT_S)
        request = self._client.stream(method, target, headers=all_headers, timeout=timeout, **sent)
        return await exchange(_answered(request, timeout_s, limit_bytes))


async def _answered(
    request: AbstractAsyncContextManager[httpx.Response], timeout_s: float, limit_bytes: int
) -> Reply:
    with anyio.fail_after(timeout_s):
        async with request as response:
            content = await read_within(response, limit_bytes)
            return Reply(response.status_code, response.headers, content)


def _trouble(error: Exception) -> dict[str, Any]:
    """The name only: a transport's text may quote the headers it choked on."""
    return {"error": type(error).__name__}
