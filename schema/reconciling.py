"""What crosses Temporal when the books are reconciled with it: what was lost, how it ended, what went."""

from enum import StrEnum
from typing import Final

from pydantic import Field

from schema.messages.message import Message

GRACE_S: Final = 60.0
"""Keeps a round from racing a start or an end. What decides is Temporal's answer, never this."""
ORPHAN_GRACE_S: Final = 24 * 3600.0
MOST_OBJECTS: Final = 20_000
"""Looked at in one round of the schedule: the next one goes on behind them."""
MOST_NAMED: Final = 100


class LostKind(StrEnum):
    """What waits for a workflow, and would wait for ever without it."""

    GENERATION = "generation"
    BACKGROUND = "background"
    MESSAGE = "message"
    """To a user's receiver."""
    END = "end"
    """Of a generation, of which its receiver was not told, or not of all its pictures."""


class Fate(StrEnum):
    """What Temporal says of a workflow."""

    RUNNING = "running"
    CANCELLED = "cancelled"
    STOPPED = "stopped"
    """Closed in any other way: somebody terminated it, it failed, or its time was over."""
    UNKNOWN = "unknown"
    """There is no such workflow: its namespace or its history is lost."""


class FindLost(Message):
    kind: LostKind
    after: str = ""
    grace_s: float = GRACE_S


class Lost(Message):
    kind: LostKind
    id: str
    """The workflow's too; of an END the generation's."""
    user_id: str
    fate: Fate


class LostPage(Message):
    lost: tuple[Lost, ...]
    asked: int
    after: str | None
    """Where the next page begins, if there is one."""


class MessageEnd(StrEnum):
    RESTARTED = "restarted"
    FAILED = "failed"
    OVER = "over"
    """By itself, meanwhile."""


class SweepObjects(Message):
    after: str = ""
    most: int = MOST_OBJECTS
    grace_s: float = ORPHAN_GRACE_S


class SweepRows(Message):
    most: int = 10_000
    """Of each table."""


class SweptObjects(Message):
    seen: int = 0
    orphans: int = 0
    """Found, and not old enough to be deleted."""
    deleted: int = 0
    deleted_bytes: int = 0
    after: str | None = None
    """Where the next sweep goes on; None once all have been looked at."""


class Reconciled(Message):
    """What a round did; also what it takes along when its history is cut."""

    asked: int = 0
    """Workflows that Temporal was asked about."""
    generations: int = 0
    credits_refunded: int = 0
    """Of these generations and backgrounds, in all."""
    backgrounds: int = 0
    messages_restarted: int = 0
    messages_failed: int = 0
    ends_told: int = 0
    not_repaired: int = 0
    """Could not be ended; the next round tries again."""
    named: tuple[str, ...] = ()
    """The first of everything that was ended or told."""
    objects: SweptObjects = SweptObjects()
    rows: dict[str, int] = Field(default_factory=dict)
    """Deleted, by table."""

    @property
    def repaired(self) -> int:
        ended = self.generations + self.backgrounds + self.ends_told
        return ended + self.messages_restarted + self.messages_failed


class Reconcile(Message):
    grace_s: float = GRACE_S
    orphan_grace_s: float = ORPHAN_GRACE_S
    whole_storage: bool = False
    """Look at every object in this round, from the first on."""
    carried: Reconciled | None = None
    """Set when this run continues an earlier one of the same round."""
    kinds: tuple[LostKind, ...] = tuple(LostKind)
    """Still to be looked for."""
    after: str = ""
    """How far the first of them has been."""
