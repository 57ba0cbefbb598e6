"""How long each kind of step may take and how it is tried again, in one place that an operator can read.

Every step heartbeats (activities.heartbeat), so a dead worker is noticed after HEARTBEAT whatever it did.
"""

from datetime import timedelta
from typing import Any, Final

from temporalio.common import RetryPolicy
from temporalio.workflow import ActivityCancellationType

from workflows import names

HEARTBEAT: Final = timedelta(seconds=5)

WORKFLOW_TASK: Final = timedelta(seconds=5)
"""Deciding takes milliseconds: a workflow task that a worker took to its grave is then given to another."""
STICKY: Final = timedelta(seconds=1)
"""How long the next task waits for the worker that has the workflow in memory, which may be dead."""

LEDGER: Final[dict[str, Any]] = {
    "task_queue": names.ORCHESTRATION,
    "start_to_close_timeout": timedelta(seconds=30),
    "heartbeat_timeout": HEARTBEAT,
    "retry_policy": RetryPolicy(
        initial_interval=timedelta(milliseconds=200), maximum_interval=timedelta(seconds=20)
    ),
}
"""Money is never given up on: tried until the database answers."""

AT_ONCE: Final[dict[str, Any]] = {
    "schedule_to_close_timeout": timedelta(seconds=3),
    "retry_policy": RetryPolicy(maximum_attempts=1),
}
"""Well within WORKFLOW_TASK: while it lasts, the run takes in nothing else."""

REPAIR: Final[dict[str, Any]] = LEDGER | {
    "retry_policy": RetryPolicy(
        initial_interval=timedelta(milliseconds=500),
        maximum_interval=timedelta(seconds=20),
        maximum_attempts=6,
    ),
}
"""Of one thing that was lost: what cannot be ended now must not keep a round from the others."""

SWEEP: Final[dict[str, Any]] = REPAIR | {"start_to_close_timeout": timedelta(minutes=10)}

PICTURE_WORK: Final[dict[str, Any]] = {
    "task_queue": names.IMAGES,
    "start_to_close_timeout": timedelta(minutes=3),
    "heartbeat_timeout": HEARTBEAT,
    "retry_policy": RetryPolicy(
        initial_interval=timedelta(milliseconds=500),
        maximum_interval=timedelta(seconds=30),
        maximum_attempts=20,
    ),
}
"""About eight minutes of a storage that does not answer."""

PROVIDER_CALL: Final[dict[str, Any]] = {
    "task_queue": names.FLUX,
    "start_to_close_timeout": timedelta(minutes=15),
    "heartbeat_timeout": HEARTBEAT,
    "retry_policy": RetryPolicy(
        initial_interval=timedelta(milliseconds=200),
        backoff_coefficient=1.2,
        maximum_interval=timedelta(seconds=30),
    ),
    "cancellation_type": ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
}
"""The call counts its own failures and deadline (adapters.providers.calls), since waiting out a 429 must not
count; a cancelled call is waited for, so that it can cancel at the provider while it is still known. What is
left to this policy is mostly the death of workers, so five of them in a row still cost no long wait."""

RECEIVER_CALL: Final[dict[str, Any]] = {
    "task_queue": names.WEBHOOKS,
    "start_to_close_timeout": timedelta(seconds=30),
    "heartbeat_timeout": HEARTBEAT,
    "retry_policy": RetryPolicy(
        initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=60)
    ),
}
"""What a receiver does is an answer and no failure: retried here are dead workers, an absent database, and
messages that wait because so many are on their way to the same receiver."""

RECEIVER_WAITS: Final = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=10),
)
"""Between the attempts at a message, each 10% longer or shorter: eight of them in a bit more than a day."""
RECEIVER_JITTER: Final = 0.1

MAXIMUM_SEEDS: Final = 2
"""A moderated or broken picture is tried once more, with another seed."""

DEGRADED_CHECK: Final = timedelta(seconds=30)
DEGRADED_CHECKS: Final = 4
"""An item that is still under way at so many checks in a row is slow: after 90 to 120 seconds."""

CONTINUE_AT_EVENTS: Final = 8_000
CONTINUE_AT_BYTES: Final = 4_000_000
"""A longer history is drained and continued as new: the server warns at 10,240 events."""
