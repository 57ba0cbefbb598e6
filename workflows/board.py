"""What is known of a generation's progress, numbered so that a client misses nothing and gets nothing twice.

An item's outcome takes one version and the counts after it the next, so each event has a number of its own.
"""

from datetime import datetime

from schema.kinds import GenerationStatus, ItemStatus
from schema.messages.fates import ItemOutcome, Progress, Settlement
from schema.messages.orders import BoardState, ChargeReceipt, GenerationInput


class Board:
    def __init__(self, order: GenerationInput, state: BoardState | None = None) -> None:
        state = state or BoardState()
        self._order = order
        self.version = state.version
        self.status = state.status
        self.receipt = state.receipt
        self.credits_refunded = state.credits_refunded
        self._started_version = state.started_version
        self._error_code: str | None = None
        self._spent_ms = state.spent_ms
        self.outcomes = {outcome.index: outcome for outcome in state.outcomes}

    @property
    def state(self) -> BoardState:
        """Everything, to be carried into the next run."""
        return BoardState(
            version=self.version,
            status=self.status,
            receipt=self.receipt,
            credits_refunded=self.credits_refunded,
            started_version=self._started_version,
            spent_ms=self._spent_ms,
            outcomes=tuple(self.outcomes.values()),
        )

    @property
    def completed(self) -> int:
        return sum(outcome.status is ItemStatus.COMPLETED for outcome in self.outcomes.values())

    @property
    def failed(self) -> int:
        return len(self.outcomes) - self.completed

    @property
    def unfinished(self) -> bool:
        return len(self.outcomes) < self._order.total_items

    def charged(self, receipt: ChargeReceipt) -> None:
        self.receipt = receipt

    def started(self) -> None:
        if self._started_version is None:
            self._started_version = self._next_version()
            self.status = GenerationStatus.PROCESSING

    def paused(self, paused: bool) -> None:  # noqa: FBT001 - the new state itself
        self.status = GenerationStatus.PAUSED if paused else GenerationStatus.PROCESSING
        self._next_version()

    def delivered(
        self, index: int, pose_id: str | None, *, image_key: str, attempt: int, duration_ms: int
    ) -> None:
        self._spent_ms += duration_ms
        self._record(index, pose_id, ItemStatus.COMPLETED, attempt, image_key=image_key)

    def refunded(self, index: int, pose_id: str | None, *, code: str, attempt: int, returned: int) -> None:
        self.credits_refunded += returned
        self._record(index, pose_id, ItemStatus.FAILED, attempt, error_code=code)

    def settled(self, settlement: Settlement, error_code: str | None) -> None:
        for outcome in settlement.items:
            self.outcomes.setdefault(outcome.index, outcome)
        self.status = settlement.status
        self.credits_refunded = settlement.credits_refunded
        self.version = settlement.version
        self._error_code = error_code

    def progress(self, since: int, now: datetime) -> Progress:
        newer = [outcome for outcome in self.outcomes.values() if outcome.version > since]
        return Progress(
            generation_id=self._order.generation_id,
            version=self.version,
            status=self.status,
            total=self._order.total_items,
            completed=self.completed,
            failed=self.failed,
            credits_charged=self.receipt.credits_charged if self.receipt else 0,
            credits_refunded=self.credits_refunded,
            items=tuple(sorted(newer, key=lambda outcome: outcome.version)),
            started_version=self._started_version,
            eta_s=self._eta_s(now),
            error_code=self._error_code,
        )

    def _record(
        self, index: int, pose_id: str | None, status: ItemStatus, attempt: int, **facts: str
    ) -> None:
        self.outcomes[index] = ItemOutcome(
            index=index,
            pose_id=pose_id,
            status=status,
            version=self._next_version(),
            attempt=attempt,
            **facts,
        )
        self._next_version()

    def _next_version(self) -> int:
        self.version += 1
        return self.version

    def _eta_s(self, now: datetime) -> int | None:
        if self.status.terminal:
            return 0
        if self.status is GenerationStatus.PAUSED or self.receipt is None:
            return None
        if not self.completed:
            return max(0, round((self.receipt.estimated_completion_at - now).total_seconds()))
        remaining = self._order.total_items - len(self.outcomes)
        mean_s = self._spent_ms / self.completed / 1000
        return round(mean_s * -(-remaining // self._order.parallelism))
