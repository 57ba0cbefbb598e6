"""A run to which a query has told what no workflow task has told yet is built again from its history.

A query for a run that no worker holds brings its whole history, with what came in since the last task, and
the SDK's core (1.35) lets the run go on by that: at a time that is not now, and by one piece of news
without the next, where every replay will have both at once. What it decides so is sent with the next workflow
task, and makes a history that nothing can replay: the run would stand still for ever.
"""

from typing import Any, Final

from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.converter import SerializationContext, StorageDriverStoreContext
from temporalio.worker import WorkflowInstance
from temporalio.workflow import Info

ALONE: Final = "legacy_query"
"""What core names a query that comes without a workflow task."""
WHY: Final = "A query told this run what was to come with this task: the run is built again from its history."


class Overtakeable(WorkflowInstance):
    def __init__(self, run: WorkflowInstance) -> None:
        self._run = run
        self._time = 0
        self._untimely = False
        self._ahead = False

    def activate(self, act: WorkflowActivation) -> WorkflowActivationCompletion:
        kinds = {job.WhichOneof("variant") for job in act.jobs}
        if kinds == {"query_workflow"}:
            self._ahead |= self._untimely and any(job.query_workflow.query_id == ALONE for job in act.jobs)
        elif kinds != {"remove_from_cache"}:
            time = act.timestamp.ToNanoseconds()
            self._untimely = time == self._time  # only the start of a workflow task sets the time
            self._time = time
            if self._ahead and not self._untimely:
                return _failed(act)
        return self._run.activate(act)

    def get_serialization_context(self, command_info: Any) -> SerializationContext | None:
        return self._run.get_serialization_context(command_info)

    def get_external_store_context(self, command_info: Any) -> StorageDriverStoreContext:
        return self._run.get_external_store_context(command_info)

    def get_info(self) -> Info:
        return self._run.get_info()

    def get_thread_id(self) -> int | None:
        return self._run.get_thread_id()


def _failed(act: WorkflowActivation) -> WorkflowActivationCompletion:
    """The task, not the run: core forgets the run, and Temporal gives the task once more."""
    completion = WorkflowActivationCompletion(run_id=act.run_id)
    completion.failed.failure.message = WHY
    return completion
