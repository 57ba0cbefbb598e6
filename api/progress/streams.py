"""The two streams: one generation's, and all of a user's over one connection."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Final, NamedTuple

from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.types import Receive, Scope, Send

from api.progress.events import Event
from api.progress.follower import Follower
from api.progress.hub import Hub
from api.progress.known import Known
from api.progress.watcher import Watcher
from schema.database import Database
from schema.errors import NotFound
from schema.messages.fates import Progress
from schema.models.base import UrlOf
from schema.queries import generations

PING_S: Final = 15
GRACE_S: Final = 2.0
"""For streams to end by themselves when the server stops."""
MISSED_WITHIN: Final = timedelta(hours=1)
MAX_JOINED: Final = 50


class Seen(NamedTuple):
    """The last event a returning client of the user's stream had."""

    generation_id: str
    version: int


class _Seated(EventSourceResponse):
    """Takes a place among the open streams for as long as it is sent, however that ends."""

    def __init__(
        self, events: AsyncIterator[ServerSentEvent], seat: AbstractContextManager[None], hub: Hub
    ) -> None:
        super().__init__(
            events,
            ping=PING_S,
            sep="\n",
            ping_message_factory=_ping,
            shutdown_event=hub.stopping,
            shutdown_grace_period=GRACE_S,
        )
        self._seat = seat

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._seat:
            await super().__call__(scope, receive, send)


def response(hub: Hub, user_id: str, events: AsyncIterator[ServerSentEvent]) -> EventSourceResponse:
    return _Seated(events, hub.seats.taken(user_id), hub)


async def of_generation(
    hub: Hub, first: Progress, url: UrlOf, last_id: int | None
) -> AsyncIterator[ServerSentEvent]:
    if first.status.terminal:
        follower = Follower(Known(first), url, last_id)
        for event in (follower.snapshot(), *follower.news()):
            yield _sent(event, str(event.id))
        return
    wake = asyncio.Event()
    async with hub.watching(first, wake) as watcher:
        follower = Follower(watcher.known, url, last_id, first.items)
        event = follower.snapshot()
        yield _sent(event, str(event.id))
        while not hub.stopping.is_set():
            for event in follower.news():
                yield _sent(event, str(event.id))
            if follower.over:
                return
            await wake.wait()
            wake.clear()


class UserStream:
    """All generations of a user: those that run, those just missed, and those that start meanwhile."""

    def __init__(self, hub: Hub, database: Database, user_id: str, url: UrlOf, seen: Seen | None) -> None:
        self._hub = hub
        self._database = database
        self._user_id = user_id
        self._url = url
        self._seen = seen
        self._wake = asyncio.Event()
        self._followers: dict[str, Follower] = {}
        self._watchers: dict[str, Watcher] = {}
        self._told_to_the_end: set[str] = set()

    async def events(self) -> AsyncIterator[ServerSentEvent]:
        try:
            with self._hub.arrivals(self._user_id, self._wake) as arrivals:
                joining = await self._at_first()
                while not self._hub.stopping.is_set():
                    async for event in self._told(joining):
                        yield _sent(event, f"{event.generation_id}:{event.id}")
                    await self._wake.wait()
                    self._wake.clear()
                    heard, missed = arrivals.take()
                    joining = [*heard, *(await self._running() if missed else ())]
        finally:
            for watcher in self._watchers.values():
                self._hub.leave(watcher, self._wake)

    async def _told(self, joining: Iterable[str]) -> AsyncIterator[Event]:
        for generation_id in joining:
            follower = await self._join(generation_id)
            if follower:
                yield follower.snapshot()
        for generation_id, follower in list(self._followers.items()):
            for event in follower.news():
                yield event
            if follower.over:
                self._forget(generation_id)

    def _forget(self, generation_id: str) -> None:
        del self._followers[generation_id]
        self._told_to_the_end.add(generation_id)
        if generation_id in self._watchers:
            self._hub.leave(self._watchers.pop(generation_id), self._wake)

    async def _join(self, generation_id: str) -> Follower | None:
        """None for one that is followed already or is none of this user's."""
        if generation_id in self._followers or generation_id in self._told_to_the_end:
            return None
        try:
            progress = await self._hub.reader.stored(generation_id, self._user_id)
        except NotFound:
            return None
        known = Known(progress)
        if not known.over:
            watcher = await self._hub.join(progress, self._wake)
            self._watchers[generation_id], known = watcher, watcher.known
        last_id = self._seen.version if self._seen and self._seen.generation_id == generation_id else None
        follower = Follower(known, self._url, last_id, progress.items)
        self._followers[generation_id] = follower
        return follower

    async def _at_first(self) -> list[str]:
        """Oldest first. Who comes back may have missed an end."""
        running = await self._running()
        if self._seen is None:
            return running
        async with self._database.transaction() as session:
            missed = await generations.just_settled(session, self._user_id, MISSED_WITHIN, MAX_JOINED)
        return sorted({self._seen.generation_id, *missed, *running})

    async def _running(self) -> list[str]:
        async with self._database.transaction() as session:
            return sorted(await generations.running(session, self._user_id, MAX_JOINED))


def _sent(event: Event, event_id: str) -> ServerSentEvent:
    data = json.dumps(event.data, ensure_ascii=False, separators=(",", ":"))
    return ServerSentEvent(data, event=event.type, id=event_id, sep="\n")


def _ping() -> ServerSentEvent:
    return ServerSentEvent(comment="ping", sep="\n")
