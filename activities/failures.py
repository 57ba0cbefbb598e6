"""Where our failures become Temporal's: the type is the code, and the error knows whether to try again."""

from datetime import timedelta
from typing import Any

from temporalio.exceptions import ApplicationError, ApplicationErrorCategory
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from schema.errors import InsufficientCredits, ItemError, PoseError, QuotaExceeded, ReceiverBusy

EXPECTED = (InsufficientCredits, QuotaExceeded, ItemError, ReceiverBusy)
"""Part of the business: shown in the history, not shouted into the worker's log."""


def to_temporal(error: PoseError) -> ApplicationError:
    wait_s = error.retry_after_s
    return ApplicationError(
        error.message,
        {"details": error.details, "retry_after_s": wait_s},
        type=error.code,
        non_retryable=error.final or not error.retryable,
        next_retry_delay=timedelta(seconds=wait_s) if wait_s is not None else None,
        category=ApplicationErrorCategory.BENIGN
        if isinstance(error, EXPECTED)
        else ApplicationErrorCategory.UNSPECIFIED,
    )


class _Translating(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002 - the SDK's name
        try:
            return await super().execute_activity(input)
        except PoseError as error:
            raise to_temporal(error) from error


class FailureInterceptor(Interceptor):
    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002 - as above
        return _Translating(next)
