"""Everyone who watches in this process: one watcher for each watched generation, one ear for wake-ups."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterable, AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Final

import anyio

from api.progress.reader import ProgressReader
from api.progress.watcher import Watcher
from api.slots import Slots
from schema.messages.fates import Progress
from schema.queries.wakeups import Wakeup

TIMER_S: Final = 2.0
TIMER_QUESTIONS_PER_S: Final = 100
"""Of all watchers together, when no wake-up comes: many of them make the timer slower."""


class Arrivals:
    """The generations of one user that made themselves heard since they were last looked at."""

    def __init__(self, wake: asyncio.Event) -> None:
        self._wake = wake
        self._ids: set[str] = set()
        self._missed = False

    def add(self, generation_id: str) -> None:
        self._ids.add(generation_id)
        self._wake.set()

    def miss(self) -> None:
        self._missed = True
        self._wake.set()

    def take(self) -> tuple[set[str], bool]:
        """Who was heard, and whether others may have been missed."""
        taken = self._ids, self._missed
        self._ids, self._missed = set(), False
        return taken


class Hub:
    def __init__(self, reader: ProgressReader, seats: Slots) -> None:
        self.reader = reader
        self.seats = seats
        """Of the streams that may be open at once."""
        self._watchers: dict[str, Watcher] = {}
        self._tasks: dict[Watcher, asyncio.Task[None]] = {}
        self._arrivals: defaultdict[str, set[Arrivals]] = defaultdict(set)
        self.stopping = anyio.Event()
        """Set when the server is told to stop: streams then end by themselves, and clients come back."""

    async def listen(self, wakeups: AsyncIterable[Wakeup | None]) -> None:
        async for wakeup in wakeups:
            if wakeup is None:
                self._wake_everyone()
            else:
                self._wake(wakeup)

    async def end_streams(self) -> None:
        await self.stopping.wait()
        for watcher in self._watchers.values():
            for listener in watcher.listeners:
                listener.set()
        self._wake_everyone()

    async def join(self, progress: Progress, wake: asyncio.Event) -> Watcher:
        """`wake` is set whenever there is news, until `leave`."""
        watcher = self._watchers.get(progress.generation_id) or self._begin(progress)
        watcher.listeners.add(wake)
        try:
            await watcher.asked.wait()
        except asyncio.CancelledError:
            self.leave(watcher, wake)
            raise
        return watcher

    def leave(self, watcher: Watcher, wake: asyncio.Event) -> None:
        """The last one to leave ends the watching."""
        watcher.listeners.discard(wake)
        if not watcher.listeners and watcher in self._tasks:
            self._tasks.pop(watcher).cancel()
            del self._watchers[watcher.known.progress.generation_id]

    @contextmanager
    def arrivals(self, user_id: str, wake: asyncio.Event) -> Iterator[Arrivals]:
        arrivals = Arrivals(wake)
        self._arrivals[user_id].add(arrivals)
        try:
            yield arrivals
        finally:
            self._arrivals[user_id].discard(arrivals)
            if not self._arrivals[user_id]:
                del self._arrivals[user_id]

    @asynccontextmanager
    async def watching(self, progress: Progress, wake: asyncio.Event) -> AsyncIterator[Watcher]:
        watcher = await self.join(progress, wake)
        try:
            yield watcher
        finally:
            self.leave(watcher, wake)

    async def close(self) -> None:
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task

    def _begin(self, progress: Progress) -> Watcher:
        watcher = Watcher(progress, self.reader, self._timer_s)
        self._watchers[progress.generation_id] = watcher
        self._tasks[watcher] = asyncio.create_task(watcher.run())
        return watcher

    def _timer_s(self) -> float:
        return max(TIMER_S, len(self._watchers) / TIMER_QUESTIONS_PER_S)

    def _wake(self, wakeup: Wakeup) -> None:
        if watcher := self._watchers.get(wakeup.generation_id):
            watcher.wake()
        for arrivals in self._arrivals.get(wakeup.user_id, ()):
            arrivals.add(wakeup.generation_id)

    def _wake_everyone(self) -> None:
        for watcher in self._watchers.values():
            watcher.wake()
        for ears in self._arrivals.values():
            for arrivals in ears:
                arrivals.miss()
