"""How a paid workflow begins: once, under its order's id, in its user's turn, and found by its user."""

from typing import Any, Final

from temporalio.client import WithStartWorkflowOperation
from temporalio.common import (
    Priority,
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDConflictPolicy,
    WorkflowIDReusePolicy,
)

from schema.kinds import ChangeStatus, GenerationStatus
from schema.messages.changes import ChangeOrder
from schema.messages.orders import GenerationInput
from workflows import names, policies
from workflows.background_change import BackgroundChangeWorkflow
from workflows.generation import GenerationWorkflow

AT_ONCE: Final = {"at_once": True}
"""Said here and not by default, since orders that were begun before say nothing."""


def generation(order: GenerationInput, priority_key: int) -> WithStartWorkflowOperation[Any, Any]:
    return WithStartWorkflowOperation(
        GenerationWorkflow.run,
        order.model_copy(update=AT_ONCE),
        id=order.generation_id,
        search_attributes=_search_attributes(order),
        static_summary=_summary(order),
        **_in_turn(order.user_id, priority_key),
    )


def background_change(order: ChangeOrder, priority_key: int) -> WithStartWorkflowOperation[Any, Any]:
    return WithStartWorkflowOperation(
        BackgroundChangeWorkflow.run,
        order.model_copy(update=AT_ONCE),
        id=order.change_id,
        search_attributes=TypedSearchAttributes(
            [
                SearchAttributePair(names.USER_ID, order.user_id),
                SearchAttributePair(names.STATUS, ChangeStatus.PENDING),
            ]
        ),
        static_summary=f"{order.background.mode} behind {order.item_id}",
        **_in_turn(order.user_id, priority_key),
    )


def _in_turn(user_id: str, priority_key: int) -> dict[str, Any]:
    return {
        "task_queue": names.ORCHESTRATION,
        "task_timeout": policies.WORKFLOW_TASK,
        "id_conflict_policy": WorkflowIDConflictPolicy.USE_EXISTING,
        "id_reuse_policy": WorkflowIDReusePolicy.REJECT_DUPLICATE,
        "priority": Priority(priority_key=priority_key, fairness_key=user_id[:64]),
    }


def _summary(order: GenerationInput) -> str:
    mode = order.generation_type.split("_")[0].lower()
    return f"{order.total_items} items, {len(order.formats)} formats, {mode}"


def _search_attributes(order: GenerationInput) -> TypedSearchAttributes:
    return TypedSearchAttributes(
        [
            SearchAttributePair(names.USER_ID, order.user_id),
            SearchAttributePair(names.PROJECT_ID, order.project_id),
            SearchAttributePair(names.STATUS, GenerationStatus.PENDING),
            SearchAttributePair(names.ITEMS_TOTAL, order.total_items),
            SearchAttributePair(names.ITEMS_DONE, 0),
            SearchAttributePair(names.ITEMS_FAILED, 0),
            SearchAttributePair(names.DEGRADED, value=False),
        ]
    )
