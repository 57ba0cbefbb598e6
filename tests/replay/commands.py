"""What a workflow tells Temporal to do, taken from a history: the part of it that replaying compares.

As a set, since items run side by side; policies and payloads may change freely, so they are left out.
"""

import base64
import json
from collections.abc import Iterator
from typing import Any

HOW_TO_CHANGE = "docs/changing-workflows.md"


def fingerprint(history: str) -> set[str]:
    return {command for event in json.loads(history)["events"] for command in _commands(event)}


def _commands(event: dict[str, Any]) -> Iterator[str]:
    match event["eventType"].removeprefix("EVENT_TYPE_"):
        case "ACTIVITY_TASK_SCHEDULED":
            told = event["activityTaskScheduledEventAttributes"]
            yield f"activity {told['activityType']['name']} on {told['taskQueue']['name']}"
        case "UPSERT_WORKFLOW_SEARCH_ATTRIBUTES":
            told = event["upsertWorkflowSearchAttributesEventAttributes"]
            yield from (f"attribute {name}" for name in told["searchAttributes"]["indexedFields"])
        case "MARKER_RECORDED":
            names = list(done_at_once(event))
            yield from (f"{name} at once" for name in names)
            if not names:
                yield f"marker {event['markerRecordedEventAttributes']['markerName']}"
        case "START_CHILD_WORKFLOW_EXECUTION_INITIATED":
            told = event["startChildWorkflowExecutionInitiatedEventAttributes"]
            yield f"child {told['workflowType']['name']}"
        case "WORKFLOW_EXECUTION_UPDATE_ACCEPTED":
            told = event["workflowExecutionUpdateAcceptedEventAttributes"]
            yield f"update {told['acceptedRequest']['input']['name']}"
        case "TIMER_STARTED" | "WORKFLOW_EXECUTION_CONTINUED_AS_NEW" as kind:
            yield kind.lower()


def done_at_once(event: dict[str, Any]) -> Iterator[str]:
    """The activity that was tried within the workflow task, if this event tells of one."""
    marker = event.get("markerRecordedEventAttributes", {})
    if marker.get("markerName") == "core_local_activity":
        for payload in marker["details"]["data"]["payloads"]:
            yield json.loads(base64.b64decode(payload["data"]))["activity_type"]


def changed(recorded: set[str], now: set[str]) -> str:
    """What to tell whoever changed it; nothing where nothing did."""
    lines = [f"  no longer: {command}" for command in sorted(recorded - now)]
    lines += [f"  new: {command}" for command in sorted(now - recorded)]
    if not lines:
        return ""
    found = "\n".join(lines)
    return f"The workflow's commands are others than those recorded:\n{found}\nWhat to do: {HOW_TO_CHANGE}"
