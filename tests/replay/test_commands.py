"""Each workflow gives the commands recorded of it, and whoever changes them is told what that takes."""

import json
from pathlib import Path

import pytest

from tests.replay import record
from tests.replay.commands import HOW_TO_CHANGE, changed, fingerprint
from tests.servers.temporal import development_server

ROOT = Path(__file__).resolve().parents[2]
SETTLE = "activity settle on pose-orchestration"


@pytest.mark.parametrize("name", [*record.SCENES, *record.OTHERS])
async def test_a_run_of_today_gives_the_recorded_commands(name: str) -> None:
    async with development_server() as client:
        now = await record.recording(client, name)
    problem = changed(fingerprint((record.HISTORIES / f"{name}.json").read_text()), fingerprint(now))
    if problem:
        pytest.fail(f"{name}: {problem}", pytrace=False)


def test_a_change_names_the_command_and_the_document() -> None:
    history = (record.HISTORIES / "success.json").read_text()
    recorded = fingerprint(history)
    assert {SETTLE, "charge at once", "update accepted", "attribute PoseStatus", "timer_started"} <= recorded
    other = fingerprint(history.replace('"settle"', '"settle_twice"'))
    told = changed(recorded, other)
    assert f"no longer: {SETTLE}" in told
    assert "new: activity settle_twice on pose-orchestration" in told
    assert told.endswith(HOW_TO_CHANGE)
    assert (ROOT / HOW_TO_CHANGE).exists()
    assert changed(recorded, recorded) == ""


def test_markers_and_children_count() -> None:
    events = [
        {
            "eventType": "EVENT_TYPE_MARKER_RECORDED",
            "markerRecordedEventAttributes": {"markerName": "core_patch"},
        },
        {
            "eventType": "EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED",
            "startChildWorkflowExecutionInitiatedEventAttributes": {"workflowType": {"name": "Child"}},
        },
        {"eventType": "EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW"},
    ]
    assert fingerprint(json.dumps({"events": events})) == {
        "marker core_patch",
        "child Child",
        "workflow_execution_continued_as_new",
    }
