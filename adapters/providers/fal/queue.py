"""Calls to the queue: pinned hosts, no redirects, the key only where it belongs, replies within limits."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar

import httpx

from adapters.http import Reply, ReplyTooLargeError, read_within
from adapters.providers.fal.hosts import Hosts

T = TypeVar("T")
Sleep = Callable[[float], Awaitable[None]]

MAX_JSON_BYTES: Final = 24 * 2**20
"""A result may carry its picture inside, as a data URI."""

SUBMIT_S: Final = 60.0
ASK_S: Final = 10.0
CONNECT_S: Final = 10.0
EARLY: Final = 0.95
"""The first look comes a little before the usual time."""
NO_ANSWER: Final = (httpx.RequestError, ReplyTooLargeError, TimeoutError)


class Pace:
    """Waits the usual time first; then asks often while a picture may come any moment, and ever less often.

    Each ask costs both sides more than anything else about a picture.
    """

    SHORTEST_S: Final = 0.1
    LONGEST_S: Final = 1.0

    def __init__(self, sleep: Sleep, usual_s: float = 0.0) -> None:
        self._sleep = sleep
        self._usual_s = usual_s
        self.waited_s = 0.0

    async def pause(self, told_s: float | None = None) -> None:
        interval_s = max(self._interval_s(), told_s or 0)
        self.waited_s += interval_s
        await self._sleep(interval_s)

    def _interval_s(self) -> float:
        if self.waited_s < EARLY * self._usual_s:
            return EARLY * self._usual_s - self.waited_s
        shortest_s = min(self._usual_s / 20, self.SHORTEST_S) or self.SHORTEST_S
        return min(max((self.waited_s - self._usual_s) / 10, shortest_s), self.LONGEST_S)


class Experience:
    """How long pictures usually take, learned from those that came."""

    def __init__(self) -> None:
        self.usual_s = 0.0

    def learn(self, took_s: float) -> None:
        """What was there at the first look after the usual time may have been there long before."""
        if took_s <= 0:
            return
        if took_s <= EARLY * self.usual_s:
            took_s /= 2
        self.usual_s = 0.8 * self.usual_s + 0.2 * took_s if self.usual_s else took_s


class Queue:
    def __init__(self, client: httpx.AsyncClient, hosts: Hosts, key: str, sleep: Sleep) -> None:
        self._client = client
        self._hosts = hosts
        self._headers = {"Accept": "application/json"} | ({"Authorization": f"Key {key}"} if key else {})
        self._sleep = sleep

    async def submit(self, url: str, body: dict[str, Any], headers: dict[str, str]) -> Reply:
        """One try. What httpx raises tells whether the request may have left."""
        return await self._call("POST", self._hosts.checked(url), SUBMIT_S, json=body, headers=headers)

    async def ask_until(
        self, method: str, url: str, verdict: Callable[[Reply], T | None], pace: Pace | None = None
    ) -> T:
        """Ask until the verdict is settled. A failed ask ends nothing; the caller bounds the time."""
        target = self._hosts.checked(url)
        pace = pace or Pace(self._sleep)
        while True:
            reply = await self._ask(method, target)
            outcome = verdict(reply) if reply else None
            if outcome is not None:
                return outcome
            await pace.pause(reply.retry_after_s if reply else None)

    async def _ask(self, method: str, target: httpx.URL) -> Reply | None:
        try:
            return await self._call(method, target, ASK_S)
        except NO_ANSWER:
            return None

    async def _call(
        self,
        method: str,
        target: httpx.URL,
        timeout_s: float,
        *,
        json: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
    ) -> Reply:
        """The whole call is bounded: a reply that drips byte by byte never trips a read timeout."""
        sent = self._headers | (headers or {})
        timeout = httpx.Timeout(timeout_s, connect=CONNECT_S, pool=CONNECT_S)
        async with (
            asyncio.timeout(timeout_s),
            self._client.stream(method, target, json=json, headers=sent, timeout=timeout) as response,
        ):
            content = await read_within(response, MAX_JSON_BYTES)
            return Reply(response.status_code, response.headers, content)
