"""One thing to do later, unless it is set anew or called off before."""

import asyncio
from collections.abc import Callable


class Alarm:
    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._handle: asyncio.TimerHandle | None = None

    def set(self, seconds: float, act: Callable[[], None]) -> None:
        self.off()
        self._handle = self._loop.call_later(seconds, act)

    def off(self) -> None:
        if self._handle:
            self._handle.cancel()
            self._handle = None
