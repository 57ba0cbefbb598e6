"""A ZIP on its way: sent as fast as the client takes it, and given up when it takes nothing any more."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Final

from starlette.responses import StreamingResponse
from starlette.types import Message, Receive, Scope, Send

STALLED_S: Final = 60.0

log = logging.getLogger(__name__)


class _StalledError(Exception):
    pass


class ZipResponse(StreamingResponse):
    def __init__(
        self,
        parts: AsyncGenerator[bytes, None],
        *,
        name: str,
        length: int | None,
        release: Callable[[], None],
    ) -> None:
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        if length is not None:
            headers["Content-Length"] = str(length)
        super().__init__(parts, headers=headers, media_type="application/zip")
        self._parts = parts
        self._release = release

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """However it ends, the source is closed and the slot is free."""
        try:
            async with aclosing(self._parts):
                await super().__call__(scope, receive, _impatient(send))
        except _StalledError:
            log.warning("a ZIP download was given up: nothing was taken for %.0f s", STALLED_S)
        finally:
            self._release()


def _impatient(send: Send) -> Send:
    async def sent(message: Message) -> None:
        try:
            async with asyncio.timeout(STALLED_S):
                await send(message)
        except TimeoutError as error:
            raise _StalledError from error

    return sent
