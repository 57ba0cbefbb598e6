"""Who serves a task queue, and how much waits in it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client

TIMEOUT: Final = timedelta(seconds=2)


@dataclass(frozen=True)
class QueueHealth:
    backlog: int
    oldest_s: float
    """How long the first of the backlog has waited."""
    asked_s: tuple[float, ...]
    """How long ago each poller has asked for work. Temporal lists a dead one for five minutes."""

    @property
    def pollers(self) -> int:
        return len(self.asked_s)

    @property
    def quiet_s(self) -> float:
        """Since when none has asked for work; 0 where there is none."""
        return min(self.asked_s, default=0.0)

    def gone(self, quiet_s: float) -> int:
        """How many have not asked for so long."""
        return sum(asked_s > quiet_s for asked_s in self.asked_s)


async def health_of(queue: str, client: Client) -> QueueHealth:
    answer = await client.workflow_service.describe_task_queue(
        DescribeTaskQueueRequest(
            namespace=client.namespace,
            task_queue=TaskQueue(name=queue),
            task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
            report_stats=True,
        ),
        timeout=TIMEOUT,
    )
    stats, now = answer.stats, datetime.now(UTC)
    return QueueHealth(
        backlog=stats.approximate_backlog_count,
        oldest_s=stats.approximate_backlog_age.ToTimedelta().total_seconds(),
        asked_s=tuple(
            (now - poller.last_access_time.ToDatetime(UTC)).total_seconds() for poller in answer.pollers
        ),
    )
