"""How many costly things may be under way at once: in this process, and for one user."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from schema.errors import RateLimited

RETRY_AFTER_S = 10.0


class Slots:
    """Whoever comes when all are taken is told to come again: nobody waits in a line of unknown length."""

    def __init__(self, name: str, *, total: int, per_user: int) -> None:
        self._name = name
        self._total, self._per_user = total, per_user
        self._taken: Counter[str] = Counter()

    @property
    def in_use(self) -> int:
        return self._taken.total()

    @contextmanager
    def taken(self, user_id: str) -> Iterator[None]:
        if self._taken[user_id] >= self._per_user:
            raise RateLimited(
                f"Only {self._per_user} {self._name} at once. Wait until one has ended.",
                retry_after_s=RETRY_AFTER_S,
            )
        if self.in_use >= self._total:
            raise RateLimited(
                f"There are too many {self._name} just now. Try again soon.", retry_after_s=RETRY_AFTER_S
            )
        self._taken[user_id] += 1
        try:
            yield
        finally:
            self._taken[user_id] -= 1
            if not self._taken[user_id]:
                del self._taken[user_id]
