"""What customers were told during a run, kept for the verdict."""

from dataclasses import dataclass, field
from typing import Any, Final

from schema.kinds import GenerationStatus
from tests.integration.front_door import Event

FINAL_FACTS: Final = (
    "status", "posesCompleted", "posesFailed", "creditCharged", "creditRefunded", "errorCode", "completedAt",
)  # fmt: skip
ENDED: Final = frozenset(status.value for status in GenerationStatus if status.terminal)


@dataclass
class Placed:
    """One wish, sent once or more often."""

    what: str
    customer: str
    key: str | None
    accepted: list[str] = field(default_factory=list)
    """The generation's id, from each 202."""
    refused: list[int] = field(default_factory=list)
    unanswered: int = 0
    charged_credits: int = 0


@dataclass
class Connection:
    """Of an event stream, from its opening to its end."""

    last_id: str | None
    """What the client asked to go on from."""
    events: list[Event] = field(default_factory=list)


@dataclass
class Stream:
    generation_id: str
    """Empty for all of a customer's."""
    customer: str
    connections: list[Connection] = field(default_factory=list)

    @property
    def last_id(self) -> str | None:
        heard = [event for connection in self.connections for event in connection.events]
        return heard[-1].id if heard else None


@dataclass
class Ends:
    """How each generation was when it was first seen ended, and whoever was ever seen otherwise again."""

    seen: dict[str, dict[str, Any]] = field(default_factory=dict)
    changed: list[str] = field(default_factory=list)

    def look(self, view: dict[str, Any]) -> None:
        facts = {name: view[name] for name in FINAL_FACTS}
        known = self.seen.get(view["id"])
        if known is None and view["status"] in ENDED:
            self.seen[view["id"]] = facts
        elif known is not None and known != facts:
            self.changed.append(f"{view['id']}: was {known}, is {facts}")


@dataclass
class Records:
    placed: list[Placed] = field(default_factory=list)
    streams: list[Stream] = field(default_factory=list)
    ends: Ends = field(default_factory=Ends)
