"""Every name that Temporal knows us by. Changing one here is changing a contract with running workflows."""

from typing import Any, Final

from temporalio.common import SearchAttributeKey

ORCHESTRATION: Final = "pose-orchestration"
"""Workflows and the ledger: quick work."""
FLUX: Final = "pose-flux"
"""Provider calls: slow, rate limited across all workers."""
IMAGES: Final = "pose-images"
"""Pillow work: as many slots as cores."""
WEBHOOKS: Final = "pose-webhooks"
"""Calls to users' receivers, some of which never answer: kept apart, so that nothing else waits for them."""
QUEUES: Final = (ORCHESTRATION, FLUX, IMAGES, WEBHOOKS)

RECONCILE: Final = "reconcile"
"""The schedule's id; its rounds' ids begin with it."""

ACCEPTED: Final = "accepted"
SET_PAUSED: Final = "set_paused"
PAUSE: Final = "pause"
RESUME: Final = "resume"
PROGRESS: Final = "progress"
REDELIVER: Final = "redeliver"

USER_ID: Final = SearchAttributeKey.for_keyword("PoseUserId")
PROJECT_ID: Final = SearchAttributeKey.for_keyword("PoseProjectId")
STATUS: Final = SearchAttributeKey.for_keyword("PoseStatus")
ERROR_CODE: Final = SearchAttributeKey.for_keyword("PoseErrorCode")
ITEMS_TOTAL: Final = SearchAttributeKey.for_int("PoseItemsTotal")
ITEMS_DONE: Final = SearchAttributeKey.for_int("PoseItemsDone")
ITEMS_FAILED: Final = SearchAttributeKey.for_int("PoseItemsFailed")
DEGRADED: Final = SearchAttributeKey.for_bool("PoseDegraded")

ATTRIBUTES: Final[tuple[SearchAttributeKey[Any], ...]] = (
    USER_ID,
    PROJECT_ID,
    STATUS,
    ERROR_CODE,
    ITEMS_TOTAL,
    ITEMS_DONE,
    ITEMS_FAILED,
    DEGRADED,
)
"""What the server must have registered before a workflow can start."""
