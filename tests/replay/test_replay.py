"""Histories of earlier versions replay on this one, so a deployment never breaks a running generation."""

import json
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer
from temporalio.workflow import NondeterminismError

from tests.replay.commands import done_at_once, fingerprint
from tests.replay.diverging import PlansBeforeItCharges
from tests.replay.record import HISTORIES, LONG
from workflows import policies
from workflows.generation import GenerationWorkflow
from workflows.pools import WORKFLOWS

FILES = sorted(HISTORIES.rglob("*.json"))
"""Those of the present code, and in folders those of releases, and of before a change that touched many."""
FATES = {
    "success": {"settle"},
    "mapped": {"prepare_controlnet", "settle"},
    "partial": {"refund_item"},
    "failed": {"refund_item", "WORKFLOW_EXECUTION_FAILED"},
    "out_of_account": {"refund_item", "WORKFLOW_EXECUTION_COMPLETED"},
    "refused": {"charge", "WORKFLOW_EXECUTION_COMPLETED"},
    "cancelled": {"settle", "WORKFLOW_EXECUTION_CANCELED", "WORKFLOW_EXECUTION_SIGNALED"},
    "renewed": {"store_item", "WORKFLOW_EXECUTION_CONTINUED_AS_NEW"},
    "told": {"announce"},
    "background": {"store_backdrop", "change_background"},
    "treated": {"matte_image", "check_by_provider", "refund_item"},
    "recoloured": {"charge_change", "generate_image", "store_backdrop", "apply_change"},
    "not_recoloured": {"charge_change", "generate_image", "refund_change"},
    "message": {"send_webhook", "WORKFLOW_EXECUTION_SIGNALED", "TIMER_STARTED"},
    "undelivered": {"send_webhook"},
    "reconciled": {
        "find_lost", "settle", "refund_change", "take_up_message", "announce", "sweep_objects", "sweep_rows",
    },
}  # fmt: skip
"""What makes each kind of run what it is."""


def read(file: Path) -> WorkflowHistory:
    return WorkflowHistory.from_json("gen_recorded", file.read_text())


def events(file: Path) -> list[dict[str, Any]]:
    return list(json.loads(file.read_text())["events"])


def type_of(file: Path) -> str:
    return str(events(file)[0]["workflowExecutionStartedEventAttributes"]["workflowType"]["name"])


def titled(file: Path) -> str:
    return str(file.relative_to(HISTORIES).with_suffix(""))


def named(workflow_type: type) -> str:
    return workflow_type.__name__


def unrecorded(workflows: set[str], files: list[Path]) -> set[str]:
    return workflows - {type_of(file) for file in files}


@pytest.mark.parametrize("kind", FATES)
def test_each_kind_of_run_is_recorded_as_what_it_is(kind: str) -> None:
    assert _facts(HISTORIES / f"{kind}.json") >= FATES[kind]
    assert kind != "success" or "refund_item" not in _facts(HISTORIES / "success.json")


def test_no_type_of_workflow_is_without_a_history() -> None:
    """A new one gets a scene in tests/replay/record.py, before it is first released."""
    types = {named(each) for each in WORKFLOWS}
    assert unrecorded(types, FILES) == set()
    assert unrecorded(types, [HISTORIES / "success.json"]) == types - {"GenerationWorkflow"}


def _facts(file: Path) -> set[str]:
    activities = {
        event["activityTaskScheduledEventAttributes"]["activityType"]["name"]
        for event in events(file)
        if "activityTaskScheduledEventAttributes" in event
    }
    activities |= {name for event in events(file) for name in done_at_once(event)}
    return activities | {event["eventType"].removeprefix("EVENT_TYPE_") for event in events(file)}


@pytest.fixture(autouse=True)
def recorded_limit(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the history that was cut short of the real limit."""
    if request.node.name.endswith("renewed]"):
        monkeypatch.setattr(policies, "CONTINUE_AT_EVENTS", LONG)


@pytest.mark.parametrize("file", FILES, ids=titled)
async def test_replays(file: Path) -> None:
    replayer = Replayer(workflows=list(WORKFLOWS), data_converter=pydantic_data_converter)
    await replayer.replay_workflow(read(file))


GENERATIONS = [file for file in FILES if type_of(file) == named(GenerationWorkflow)]


@pytest.mark.parametrize("file", GENERATIONS, ids=titled)
async def test_a_changed_workflow_does_not(file: Path) -> None:
    replayer = Replayer(workflows=[PlansBeforeItCharges], data_converter=pydantic_data_converter)
    with pytest.raises(NondeterminismError):
        await replayer.replay_workflow(read(file))


ORDER = "update accepted"
"""The only update, which changes nothing: it waits, and answers."""


@pytest.mark.parametrize("kind", FATES)
def test_nothing_is_changed_by_an_update(kind: str) -> None:
    """Pausing is a signal: see below what becomes of updates."""
    told = fingerprint((HISTORIES / f"{kind}.json").read_text())
    assert {command for command in told if command.startswith("update ")} <= {ORDER}


async def test_the_sdk_still_writes_histories_that_it_cannot_replay() -> None:
    """An update that changed the run came with other news to a worker that had an older state of it.

    Found by chaos, known as issue 1591 of the Python SDK. Once this replays, updates may be used again.
    """
    replayer = Replayer(workflows=list(WORKFLOWS), data_converter=pydantic_data_converter)
    with pytest.raises(NondeterminismError):
        await replayer.replay_workflow(read(HISTORIES.parent / "paused_by_update.json"))


async def test_what_a_clock_told_decides_nothing() -> None:
    """A worker that took the run over had an older time than every replay of it, and so found no item slow.

    Found by chaos: the run stood still, paid, since slow items were those of a certain age.
    """
    replayer = Replayer(workflows=list(WORKFLOWS), data_converter=pydantic_data_converter)
    await replayer.replay_workflow(read(HISTORIES.parent / "told_an_older_time.json"))
