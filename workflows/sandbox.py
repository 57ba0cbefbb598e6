"""The sandbox that workflows run in, with the modules that need not be loaded anew for each of them.

Loading them cost more than all the rest of a start. They stay deterministic by a test, not by the sandbox.
"""

from typing import Final

from temporalio.worker import UnsandboxedWorkflowRunner
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from workflows.versioned import VersionedRunner

LOADED_ONCE: Final = (
    "schema",
    "workflows.backdrop",
    "workflows.batch",
    "workflows.board",
    "workflows.display",
    "workflows.failures",
    "workflows.gate",
    "workflows.item",
    "workflows.maps",
    "workflows.names",
    "workflows.policies",
    "workflows.repairs",
    "workflows.steps",
    "workflows.tally",
    "workflows.uncancelled",
    "workflows.versioned",
)


def runner(*, versioned: bool = False) -> SandboxedWorkflowRunner:
    return SandboxedWorkflowRunner(
        SandboxRestrictions.default.with_passthrough_modules(*LOADED_ONCE),
        runner_class=VersionedRunner if versioned else UnsandboxedWorkflowRunner,
    )
