"""One accepted submission and what becomes of it; it ends exactly once."""

import asyncio
import time
from dataclasses import dataclass, field
from typing import Literal
from uuid import uuid4

from simulator.failures import CANCELLED, Failure
from simulator.faults.outcomes import Outcome
from simulator.looks import Look, Seen
from simulator.pictures import Drawing, Order

Status = Literal["IN_QUEUE", "IN_PROGRESS", "COMPLETED"]


@dataclass(frozen=True)
class Submission:
    """What a fault rule can tell submissions apart by; `number` counts every attempt, refused ones too."""

    number: int
    seed: int
    prompt: str
    endpoint: str = ""


@dataclass(eq=False)
class Job:
    endpoint: str
    submission: Submission
    order: Order | Look | None
    outcome: Outcome
    fault: str | None = None
    start_timeout_s: float | None = None
    request_id: str = field(default_factory=lambda: str(uuid4()))
    submitted_at: float = field(default_factory=time.time)
    started_at: float | None = None
    ended_at: float | None = None
    drawing: Drawing | Seen | None = None
    failure: Failure | None = None
    delivered: bool = False
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def status(self) -> Status:
        if self.ended_at is not None:
            return "COMPLETED"
        return "IN_QUEUE" if self.started_at is None else "IN_PROGRESS"

    @property
    def cancelled(self) -> bool:
        return self.failure is CANCELLED

    async def over(self) -> None:
        while self.ended_at is None:
            await self.changed.wait()

    def start(self) -> None:
        self.started_at = time.time()
        self._tell()

    def end(self, failure: Failure | None) -> None:
        self.failure, self.ended_at = failure, time.time()
        self._tell()

    def _tell(self) -> None:
        """Wakes whoever waits now; whoever waits later gets a new event."""
        self.changed.set()
        self.changed = asyncio.Event()
