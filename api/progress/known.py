"""All that is known of one generation: its counts, and its items with a fate in order of becoming known."""

from schema.messages.fates import ItemOutcome, Progress


class Known:
    def __init__(self, progress: Progress) -> None:
        self.progress = progress
        self.items: list[ItemOutcome] = list(progress.items)
        self.edition = 0
        """Changes when `items` is written anew; otherwise it only grows at its end."""

    @property
    def over(self) -> bool:
        return self.progress.status.terminal

    @property
    def since(self) -> int:
        """What to ask for more of. Rows of a running generation know no versions, so then: of everything."""
        return 0 if self.progress.stale else self.progress.version

    @property
    def started_version(self) -> int | None:
        """Rows do not keep it: it is the first, unless an item took that; then nothing was ever started."""
        if self.progress.started_version is not None or not self.over:
            return self.progress.started_version
        return None if any(item.version <= 1 for item in self.items) else 1

    def learn(self, answer: Progress) -> bool:
        """Whether anything is new. A stale answer serves until the first true one, and never after it."""
        if answer.stale:
            return False
        if self.progress.stale:
            self.items, self.edition = list(answer.items), self.edition + 1
        else:
            newer = answer.version > self.progress.version or answer.status is not self.progress.status
            if not newer:
                return False
            have = {item.index for item in self.items}
            self.items.extend(item for item in answer.items if item.index not in have)
        self.progress = answer
        return True
