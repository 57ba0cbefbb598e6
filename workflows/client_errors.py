"""Temporal's errors end here: whoever asks it of anything sees the errors of schema.errors."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from temporalio.client import (
    WorkflowQueryFailedError,
    WorkflowQueryRejectedError,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError

from adapters.keyring import Unreadable
from schema.errors import Conflict, InsufficientCredits, NotFound, PoseError, QuotaExceeded, Unavailable
from workflows.client import is_unknown

log = logging.getLogger(__name__)
REFUSALS: Final[tuple[type[PoseError], ...]] = (InsufficientCredits, QuotaExceeded, NotFound, Conflict)
"""What an order may be told instead of being charged."""


@asynccontextmanager
async def translated() -> AsyncIterator[None]:
    try:
        yield
    except WorkflowUpdateFailedError as error:
        raise _refusal(error.cause) from error
    except RPCError as error:
        if is_unknown(error):
            raise NotFound("No such generation is running.") from error
        raise Unavailable("The workflow service cannot be reached. Try again.", retry_after_s=2) from error
    except (
        WorkflowUpdateRPCTimeoutOrCancelledError,
        WorkflowQueryFailedError,
        WorkflowQueryRejectedError,
        TimeoutError,
    ) as error:
        if isinstance(error.__cause__, asyncio.CancelledError):
            raise
        raise Unavailable("The workers did not answer in time. Try again.", retry_after_s=2) from error
    except Unreadable as error:
        log.error("Temporal's answer cannot be read: %s", error)  # noqa: TRY400 - the trace says no more
        raise Unavailable("The workflow service's answers cannot be read here. Try again.") from error
    except RuntimeError as error:
        raise Unavailable("The workflow service cannot be reached. Try again.", retry_after_s=2) from error


def _refusal(cause: BaseException | None) -> PoseError:
    """The activity's own failure, as it was raised."""
    if isinstance(cause, ApplicationError):
        facts = cause.details[0] if cause.details else {}
        for kind in REFUSALS:
            if kind.code == cause.type:
                return kind(
                    cause.message, details=facts.get("details"), retry_after_s=facts.get("retry_after_s")
                )
    return Unavailable("The generation could not be started. Try again.", retry_after_s=2)
