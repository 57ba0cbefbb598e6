"""What an activity's lines in the log begin with: which activity of which workflow, and whose picture.

What is bound stays until the activity's task ends, so the SDK's own line on a failure has it too.
"""

import logging
from typing import Any, Final

from temporalio import activity
from temporalio.api.common.v1 import Payload
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput

from telemetry import context
from telemetry.logs import FIELDS

HEADER: Final = "posegen-request-id"
"""Goes along from the request through its workflow to each activity; no part of any message."""

log = logging.getLogger(__name__)


class Trail(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002 - the SDK's name
        context.bind(_of_temporal() | _of_message(input.args) | _of_request(input.headers))
        try:
            return await super().execute_activity(input)
        except ApplicationError as failure:
            _say(failure)
            raise


def _say(failure: ApplicationError) -> None:
    """The SDK itself is silent on failures that belong to the business. By code: texts may quote a user."""
    if failure.category is ApplicationErrorCategory.BENIGN:
        wait_s = failure.next_retry_delay.total_seconds() if failure.next_retry_delay else None
        fields = {"code": failure.type, "final": failure.non_retryable, "retry_in_s": wait_s}
        log.info("%s failed: %s", activity.info().activity_type, failure.type, extra={FIELDS: fields})


def _of_temporal() -> dict[str, str | int | None]:
    info = activity.info()
    return {
        "activity": info.activity_type,
        "activity_id": info.activity_id,
        "workflow": info.workflow_type,
        "workflow_id": info.workflow_id,
        "run_id": info.workflow_run_id,
        "attempt": info.attempt,
        "user": info.priority.fairness_key or None,
    }


def _of_message(args: Any) -> dict[str, str]:
    """Generations name themselves where a message of their workflow does not."""
    workflow_id = activity.info().workflow_id or ""
    found = {"generation": workflow_id} if workflow_id.startswith("gen_") else {}
    for message in args:
        found |= context.places({name: getattr(message, name, None) for name in context.PLACES})
    return found


def _of_request(headers: Any) -> dict[str, str]:
    payload: Payload | None = headers.get(HEADER)
    return {context.REQUEST_ID: payload.data.decode()} if payload else {}
