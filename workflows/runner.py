"""How workflows run: as they are, without the SDK's sandbox, which takes more CPU than all of their own code.

What it would watch is watched by tests: no clock and no dice in any module that workflows are made of, and
all recorded histories replay inside of the sandbox.
"""

from dataclasses import replace
from typing import Final

from temporalio.common import VersioningBehavior
from temporalio.worker import UnsandboxedWorkflowRunner, WorkflowInstance, WorkflowInstanceDetails

BEHAVIOURS: Final = {
    # May be paused for days, and a message tries for one: they move on, and changes of them need patches.
    "GenerationWorkflow": VersioningBehavior.AUTO_UPGRADE,
    "WebhookWorkflow": VersioningBehavior.AUTO_UPGRADE,
    # Over in minutes: they end where they began.
    "BackgroundChangeWorkflow": VersioningBehavior.PINNED,
    "ReconcileWorkflow": VersioningBehavior.PINNED,
}


def runner(*, versioned: bool = False) -> UnsandboxedWorkflowRunner:
    return VersionedRunner() if versioned else UnsandboxedWorkflowRunner()


class VersionedRunner(UnsandboxedWorkflowRunner):
    """Says which runs stay with the code they began on, for workers that have versions.

    The SDK's own place for it, the workflow's decorator, says it for every worker, and the server refuses it
    from those without versions.
    """

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        assert det.defn.name
        defn = replace(det.defn, versioning_behavior=BEHAVIOURS[det.defn.name])
        return super().create_instance(replace(det, defn=defn))
