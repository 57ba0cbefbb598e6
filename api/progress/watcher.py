"""The one who asks how a generation is, for everyone in this process who watches it.

Woken by a notice from the database, else by a slow timer. A notice tends to come before the workflow knows,
so the first question waits a moment and is repeated a few times; all together stay a few questions a second.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from api.progress.known import Known
from api.progress.reader import ProgressReader
from schema.messages.fates import Progress

PAUSES_S: Final = (0.012, 0.015, 0.030, 0.060)
SPACING_S: Final = 0.040
QUESTIONS_PER_S: Final = 8.0
BURST: Final = 8

log = logging.getLogger(__name__)


class Budget:
    """At most BURST questions at once, QUESTIONS_PER_S over time, and never two within SPACING_S."""

    def __init__(self) -> None:
        self._last_s = self._paid_until_s = float("-inf")

    async def take(self) -> None:
        allowed_s = self._paid_until_s - (BURST - 1) / QUESTIONS_PER_S
        wait_s = max(self._last_s + SPACING_S, allowed_s) - time.monotonic()
        if wait_s > 0:
            await asyncio.sleep(wait_s)
        self._last_s = time.monotonic()
        self._paid_until_s = max(self._paid_until_s, self._last_s) + 1 / QUESTIONS_PER_S


class Watcher:
    def __init__(self, first: Progress, reader: ProgressReader, timer_s: Callable[[], float]) -> None:
        self.known = Known(first)
        self.asked = asyncio.Event()
        """Set once the first answer is in: until then only the database has spoken."""
        self.listeners: set[asyncio.Event] = set()
        self._reader = reader
        self._timer_s = timer_s
        self._woken = asyncio.Event()
        self._budget = Budget()

    def wake(self) -> None:
        self._woken.set()

    async def run(self) -> None:
        """Until the generation is over."""
        await self._ask()
        self.asked.set()
        while not self.known.over:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._timer_s()):
                    await self._woken.wait()
            await self._catch_up()

    async def _catch_up(self) -> None:
        pauses_s = PAUSES_S if self._woken.is_set() else (0.0,)
        self._woken.clear()
        for pause_s in pauses_s:
            await asyncio.sleep(pause_s)
            await self._budget.take()
            if await self._ask():
                return

    async def _ask(self) -> bool:
        try:
            answer = await self._reader.read(self.known.progress.generation_id, self.known.since)
        except Exception:
            # Whoever watches must not be left without a watcher: the next question may be answered.
            log.exception("cannot follow %s", self.known.progress.generation_id)
            return False
        if not self.known.learn(answer):
            return False
        for listener in self.listeners:
            listener.set()
        return True
