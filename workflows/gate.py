"""Whether another item may start. Closing it for good always has a reason, and the reason decides the end."""

from typing import Final

from temporalio import workflow

from workflows import policies

CANCELLED: Final = "CANCELLED"
RENEW: Final = "RENEW"
"""Not an end: the history has grown long, and the rest is done by a new run of the same workflow."""


class Gate:
    def __init__(self, *, paused: bool = False) -> None:
        self.paused = paused
        self.reason: str | None = None

    def close(self, reason: str) -> None:
        """The first real reason stands; a pending renewal gives way to it."""
        if self.reason in {None, RENEW}:
            self.reason = reason

    async def passed(self) -> bool:
        await workflow.wait_condition(lambda: not self.paused or self.reason is not None)
        if _history_is_long():
            self.close(RENEW)
        return self.reason is None


def _history_is_long() -> bool:
    info = workflow.info()
    return (
        info.get_current_history_length() > policies.CONTINUE_AT_EVENTS
        or info.get_current_history_size() > policies.CONTINUE_AT_BYTES
    )
