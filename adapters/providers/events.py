"""What a provider's stream of events tells. It is a hint: whatever becomes of it says nothing about a job."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Final, TypeVar

import anyio
import httpx
from httpx_sse import EventSource, SSEError, aconnect_sse

from adapters.http import Reply, ReplyTooLargeError

T = TypeVar("T")

CONNECT_S: Final = 10.0
LAST_WORDS_S: Final = 0.2
"""For the end of a stream that has said all: then its connection can be used again."""


class Events:
    def __init__(self, client: httpx.AsyncClient, target: httpx.URL, headers: Mapping[str, str]) -> None:
        self._client = client
        self._target = target
        self._headers = dict(headers)

    async def settling(
        self, verdict: Callable[[Reply], T | None], within_s: float, limit_bytes: int
    ) -> T | None:
        """None when it ends, breaks off, is refused or is silent for too long before it is settled."""
        outcome: T | None = None
        ways_to_end = (httpx.RequestError, ReplyTooLargeError, SSEError)
        with suppress(*ways_to_end), anyio.move_on_after(within_s) as patience:
            async with self._opened(limit_bytes) as source:
                async for event in source.aiter_sse():
                    if outcome is None:
                        outcome = verdict(Reply(200, source.response.headers, event.data.encode()))
                        if outcome is not None:
                            patience.deadline = anyio.current_time() + LAST_WORDS_S
        return outcome

    @asynccontextmanager
    async def _opened(self, limit_bytes: int) -> AsyncIterator[EventSource]:
        url, timeout = str(self._target), httpx.Timeout(None, connect=CONNECT_S, pool=CONNECT_S)
        async with aconnect_sse(self._client, "GET", url, headers=self._headers, timeout=timeout) as source:
            if source.response.status_code != httpx.codes.OK:
                raise SSEError(f"refused with {source.response.status_code}")
            assert isinstance(source.response.stream, httpx.AsyncByteStream)
            source.response.stream = _Limited(source.response.stream, limit_bytes)
            yield source


class _Limited(httpx.AsyncByteStream):
    def __init__(self, stream: httpx.AsyncByteStream, limit_bytes: int) -> None:
        self._stream = stream
        self._left = limit_bytes

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._stream:
            self._left -= len(chunk)
            if self._left < 0:
                raise ReplyTooLargeError
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()
