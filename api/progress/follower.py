"""Where one client stands in one generation, and what it has not been told yet.

A client that comes back with the last id it saw misses nothing and gets nothing twice; ids only ever grow.
"""

from collections.abc import Iterable, Iterator

from api.progress import events
from api.progress.events import Event
from api.progress.known import Known
from schema.kinds import GenerationStatus, ItemStatus
from schema.messages.fates import ItemOutcome, Progress
from schema.models.base import UrlOf


class Follower:
    def __init__(
        self, known: Known, url: UrlOf, last_id: int | None = None, rows: Iterable[ItemOutcome] = ()
    ) -> None:
        """`rows` are the items as the database has them now: a workflow only knows their first pictures."""
        self._known = known
        self._rows = {row.index: row for row in rows}
        self._url = url
        self._edition = known.edition
        self._read = 0
        self._shown: set[int] = set()
        self.over = False
        current = known.progress.version
        resumes = last_id is not None and (known.progress.stale or last_id <= current)
        # The terminal event still needs an id of its own after the snapshot of a finished generation.
        self.position = last_id if resumes and last_id is not None else max(0, current - known.over)
        self._as_of = self.position if resumes and not known.progress.stale else None

    def snapshot(self) -> Event:
        """The whole state as of this client's position: it replaces whatever the client had."""
        progress, items = self._known.progress, self._known.items
        if self._as_of is not None and self._as_of < progress.version:
            items = [item for item in items if item.version <= self.position]
            progress = _as_of(self._known, items, self.position)
        elif self._as_of is not None:
            self.over = self._known.over
        self._shown = {item.index for item in items}
        return events.snapshot(self.position, progress, map(self._as_it_is_now, items), self._url)

    def news(self) -> list[Event]:
        """What came after the position, each once; counts in between are told as they are now."""
        progress, started = self._known.progress, self._known.started_version
        if self.over:
            return []
        told: list[Event] = []
        if started is not None and started > self.position:
            told.append(events.started(self._to(started), progress))
        told.extend(self._item(item) for item in self._unread())
        if self._known.over:
            told.append(events.ended(self._to(progress.version), progress))
        elif progress.version > self.position and not progress.stale:
            told.append(events.progress(self._to(progress.version), progress))
        self.over = self._known.over
        return told

    def _as_it_is_now(self, item: ItemOutcome) -> ItemOutcome:
        row = self._rows.get(item.index)
        if row is None:
            return item
        shown = {"image_key": row.image_key, "thumbnail_key": row.thumbnail_key}
        return item.model_copy(update=shown)

    def _item(self, item: ItemOutcome) -> Event:
        generation_id = self._known.progress.generation_id
        return events.item(self._to(item.version), generation_id, item, self._url)

    def _unread(self) -> Iterator[ItemOutcome]:
        if self._edition != self._known.edition:
            self._edition, self._read = self._known.edition, 0
        unread = self._known.items[self._read :]
        self._read = len(self._known.items)
        for item in unread:
            if item.index not in self._shown:
                self._shown.add(item.index)
                if item.status is not ItemStatus.CANCELLED:
                    yield item

    def _to(self, version: int) -> int:
        """A run that was settled from outside may be numbered anew; ids grow all the same."""
        self.position = max(version, self.position + 1)
        return self.position


def _as_of(known: Known, items: list[ItemOutcome], version: int) -> Progress:
    latest, started = known.progress, known.started_version
    completed = sum(item.status is ItemStatus.COMPLETED for item in items)
    failed = len(items) - completed
    running = started is not None and version >= started
    return latest.model_copy(
        update={
            "version": version,
            "status": GenerationStatus.PROCESSING if running else GenerationStatus.PENDING,
            "completed": completed,
            "failed": failed,
            "credits_refunded": failed * (latest.credits_charged // latest.total),
            "eta_s": None,
            "error_code": None,
        }
    )
