"""What every HTTP client of ours needs: replies read within a limit, and what they say about waiting."""

import ipaddress
import json
import math
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache, cached_property
from typing import Any

import httpx

NEVER_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
    httpx.LocalProtocolError,
)
"""The request did not leave this process, so the other side cannot have acted on it."""

RATE_LIMIT_RESET = re.compile(r";\s*r=0\s*;\s*t=(\d{1,9})")
"""In `RateLimit: "api";r=0;t=55`: nothing remains, and the window ends so many seconds from now."""

MAX_WAIT_S = 3600.0
MAX_LOADING_S = 60.0


class ReplyTooLargeError(Exception):
    """The body went over its limit; the rest was not read."""


@dataclass(frozen=True)
class Reply:
    """A whole answer; the connection behind it is free again."""

    status: int
    headers: httpx.Headers
    content: bytes

    @property
    def ok(self) -> bool:
        return httpx.codes.is_success(self.status)

    @cached_property
    def parsed(self) -> dict[str, Any] | None:
        """The JSON object in the body, or None when it holds anything else."""
        try:
            value = json.loads(self.content)
        except (ValueError, RecursionError):
            return None
        return value if isinstance(value, dict) else None

    @cached_property
    def retry_after_s(self) -> float | None:
        """How long the server asks us to wait before the next try."""
        body = self.parsed or {}
        told = _retry_after(self.headers)
        if told is None and (reset := RATE_LIMIT_RESET.search(self.headers.get("ratelimit", ""))):
            told = _seconds(reset[1])
        if told is None:
            told = _seconds(body.get("retry_after"))
        if told is None and self.status == httpx.codes.SERVICE_UNAVAILABLE:
            loading_s = _seconds(body.get("estimated_time"))
            told = None if loading_s is None else min(loading_s, MAX_LOADING_S)
        return told


@cache
def authorities() -> ssl.SSLContext:
    """Whom every client here trusts over TLS: read once in a process, because it takes 30 ms."""
    return httpx.create_ssl_context()


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


async def read_within(response: httpx.Response, limit_bytes: int) -> bytes:
    """The body, never more of it in memory than the limit."""
    announced = response.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > limit_bytes:
        raise ReplyTooLargeError
    content = bytearray()
    async for chunk in response.aiter_bytes():
        content += chunk
        if len(content) > limit_bytes:
            raise ReplyTooLargeError
    return bytes(content)


def _retry_after(headers: Mapping[str, str]) -> float | None:
    value = headers.get("retry-after")
    seconds = _seconds(value)
    if value is None or seconds is not None:
        return seconds
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return _seconds(max((moment - datetime.now(UTC)).total_seconds(), 0))


def _seconds(value: object) -> float | None:
    """Bounded, so that a broken number can never become a sleep without end."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        seconds = float(value)
    except (ValueError, OverflowError):
        return None
    return min(seconds, MAX_WAIT_S) if math.isfinite(seconds) and seconds >= 0 else None
