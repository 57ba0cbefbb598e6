"""How workflows run: as they are, without the SDK's sandbox, which takes more CPU than all of their own code.

What it would watch is watched by tests: no clock and no dice in any module that workflows are made of, and
all recorded histories replay inside of the sandbox.
"""

from dataclasses import replace
from typing import Final

from temporalio.common import VersioningBehavior
from temporalio.worker import UnsandboxedWorkflowRunner, WorkflowInstance, WorkflowInstanceDetails

from workflows.overtaken import Overtakeable

BEHAVIOURS: Final = {
    # May be paused for days, and a message tries for one: they move on, and changes of them need patches.
    "GenerationWorkflow": VersioningBehavior.AUTO_UPGRADE,
    "WebhookWorkflow": VersioningBehavior.AUTO_UPGRADE,
    # Over in minutes: they end where they began.
    "BackgroundChangeWorkflow": VersioningBehavior.PINNED,
    "ReconcileWorkflow": VersioningBehavior.PINNED,
}


class Runner(UnsandboxedWorkflowRunner):
    """For workers that have versions it says which runs stay with the code they began on.

    The SDK's own place for that, the workflow's decorator, says it for every worker, and the server refuses
    it from those without versions.
    """

    def __init__(self, *, versioned: bool = False) -> None:
        self._versioned = versioned

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        return Overtakeable(super().create_instance(self._of_its_version(det)))

    def _of_its_version(self, det: WorkflowInstanceDetails) -> WorkflowInstanceDetails:
        if not self._versioned:
            return det
        assert det.defn.name
        return replace(det, defn=replace(det.defn, versioning_behavior=BEHAVIOURS[det.defn.name]))
