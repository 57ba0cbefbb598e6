"""What a failed step means for the picture it was for."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from temporalio import workflow
from temporalio.exceptions import (
    ActivityError,
    ApplicationError,
    FailureError,
    RetryState,
    is_cancelled_exception,
)

with workflow.unsafe.imports_passed_through():
    from schema.errors import SENTENCES

OTHER_SEED_MAY_HELP = frozenset({"OUTPUT_MODERATED", "BAD_IMAGE"})


class ItemFailed(Exception):
    def __init__(self, code: str, *, final: bool = False) -> None:
        super().__init__(code)
        self.code = code
        self._final = final

    @property
    def other_seed_may_help(self) -> bool:
        return self.code in OTHER_SEED_MAY_HELP and not self._final


@contextmanager
def failing() -> Iterator[None]:
    """A step that failed for good becomes ItemFailed with its code; a cancelled one stays a cancellation."""
    try:
        yield
    except ActivityError as error:
        if is_cancelled_exception(error) or _was_cancelled(error):
            raise asyncio.CancelledError from error
        raise ItemFailed(_code(error)) from error


def refusal(error: FailureError) -> ApplicationError:
    """Why a charge was refused, whichever way it was tried. Raises what is no refusal."""
    cause = error.cause if isinstance(error, ActivityError) else error
    if isinstance(cause, ApplicationError):
        return cause
    raise error


def _was_cancelled(error: ActivityError) -> bool:
    """Temporal tries nothing again that is cancelled: it tells the failure in place of the cancellation."""
    return error.retry_state is RetryState.CANCEL_REQUESTED and workflow.patched("cancelled-between-tries")


def _code(error: ActivityError) -> str:
    cause = error.cause
    known = isinstance(cause, ApplicationError) and cause.type in SENTENCES
    return str(cause.type) if known and isinstance(cause, ApplicationError) else "INTERNAL"
