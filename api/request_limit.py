"""How many requests an address may send: a bucket in this process's memory, that fills evenly.

It costs a few microseconds, asks nobody, and forgets the addresses that were quiet longest before it grows.
"""

import math
import time
from collections.abc import Callable
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from api import errors
from api.addresses import Addresses
from schema.errors import RateLimited

MINUTE_S: Final = 60.0
GENERATION: Final = 32_768
ROUNDING_S: Final = 1e-6


class Buckets:
    """The moment at which each address's bucket is full again, in two generations of addresses."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._each_s = MINUTE_S / per_minute
        self._clock = clock
        self._young: dict[str, float] = {}
        self._old: dict[str, float] = {}

    def __len__(self) -> int:
        return len(self._young) + len(self._old)

    def take(self, address: str) -> float:
        """Seconds to wait; 0 when the request may pass."""
        at = self._clock()
        full_at = self._young.get(address) or self._old.get(address, at)
        full_at = max(full_at, at) + self._each_s
        if (wait_s := full_at - at - MINUTE_S) > ROUNDING_S:
            return wait_s
        if len(self._young) >= GENERATION:
            self._young, self._old = {}, self._young
        self._young[address] = full_at
        return 0.0


class RequestLimit:
    """Before anything else is done for a request. Files, pages and probes do not count."""

    def __init__(
        self, app: ASGIApp, *, prefix: str, uncounted: str, per_minute: int, addresses: Addresses
    ) -> None:
        self._app = app
        self._prefix, self._uncounted = prefix, uncounted
        self._per_minute = per_minute
        self._buckets = Buckets(per_minute)
        self._addresses = addresses

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        wait_s = self._wait_s(scope)
        if wait_s:
            await errors.answer(self._refusal(wait_s), self._headers(wait_s))(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _wait_s(self, scope: Scope) -> float:
        if scope["type"] != "http" or not scope["path"].startswith(self._prefix):
            return 0.0
        if scope["path"] == self._uncounted:
            return 0.0
        address = self._addresses.of(scope)
        return self._buckets.take(address) if address else 0.0

    def _refusal(self, wait_s: float) -> RateLimited:
        return RateLimited(
            f"Too many requests from your address: at most {self._per_minute} in a minute. "
            f"Try again in {math.ceil(wait_s)} s.",
            details={"limitPerMinute": self._per_minute},
            retry_after_s=wait_s,
        )

    def _headers(self, wait_s: float) -> dict[str, str]:
        return {
            "RateLimit-Policy": f'"requests";q={self._per_minute};w=60',
            "RateLimit": f'"requests";r=0;t={math.ceil(wait_s)}',
        }
