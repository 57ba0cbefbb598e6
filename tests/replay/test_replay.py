"""Histories of earlier versions replay on this one, so a deployment never breaks a running generation."""

import json
from pathlib import Path

import pytest
from temporalio import workflow
from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer
from temporalio.workflow import NondeterminismError

from schema.messages import GenerationInput, Outcome
from workflows import steps
from workflows.background_change import BackgroundChangeWorkflow
from workflows.generation import GenerationWorkflow
from workflows.reconcile import ReconcileWorkflow
from workflows.webhook import WebhookWorkflow

FOLDER = Path(__file__).parent / "histories"
MESSAGE = FOLDER / "message.json"
RECOLOURED, RECONCILED = FOLDER / "recoloured.json", FOLDER / "reconciled.json"
HISTORIES = sorted(set(FOLDER.glob("*.json")) - {MESSAGE, RECOLOURED, RECONCILED})


def read(file: Path) -> WorkflowHistory:
    return WorkflowHistory.from_json("gen_recorded", file.read_text())


def test_each_kind_of_run_is_recorded() -> None:
    assert {file.stem for file in HISTORIES} >= {
        "success", "partial", "cancelled", "background", "told", "treated"
    }  # fmt: skip
    kinds = {file.stem: _facts(file) for file in HISTORIES}
    assert "refund_item" not in kinds["success"]
    assert "refund_item" in kinds["partial"]
    assert "announce" in kinds["told"]
    assert {"matte_image", "check_by_provider", "refund_item"} <= kinds["treated"]
    assert "EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED" in kinds["cancelled"]


def _facts(file: Path) -> set[str]:
    events = json.loads(file.read_text())["events"]
    activities = {
        event["activityTaskScheduledEventAttributes"]["activityType"]["name"]
        for event in events
        if "activityTaskScheduledEventAttributes" in event
    }
    return activities | {event["eventType"] for event in events}


@pytest.mark.parametrize("file", HISTORIES, ids=lambda file: file.stem)
async def test_replays(file: Path) -> None:
    replayer = Replayer(workflows=[GenerationWorkflow], data_converter=pydantic_data_converter)
    await replayer.replay_workflow(read(file))


async def test_a_message_replays() -> None:
    replayer = Replayer(workflows=[WebhookWorkflow], data_converter=pydantic_data_converter)
    await replayer.replay_workflow(read(MESSAGE))
    assert {"send_webhook", "EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED"} < _facts(MESSAGE)


async def test_a_change_of_a_background_replays() -> None:
    replayer = Replayer(workflows=[BackgroundChangeWorkflow], data_converter=pydantic_data_converter)
    await replayer.replay_workflow(read(RECOLOURED))
    assert {"charge_change", "generate_image", "store_backdrop", "apply_change"} < _facts(RECOLOURED)


async def test_a_round_of_reconciling_replays() -> None:
    replayer = Replayer(workflows=[ReconcileWorkflow], data_converter=pydantic_data_converter)
    await replayer.replay_workflow(read(RECONCILED))
    ends = {"settle", "refund_change", "take_up_message", "announce"}
    assert ends | {"find_lost", "sweep_objects", "sweep_rows"} < _facts(RECONCILED)


@workflow.defn(name="GenerationWorkflow")
class PlansBeforeItCharges(GenerationWorkflow):
    """A change that looks harmless and would break every running generation."""

    @workflow.init
    def __init__(self, order: GenerationInput) -> None:
        super().__init__(order)

    @workflow.run
    async def run(self, order: GenerationInput) -> Outcome:
        await steps.plan(order)
        return await super().run(order)


@pytest.mark.parametrize("file", HISTORIES, ids=lambda file: file.stem)
async def test_a_changed_workflow_does_not(file: Path) -> None:
    replayer = Replayer(workflows=[PlansBeforeItCharges], data_converter=pydantic_data_converter)
    with pytest.raises(NondeterminismError):
        await replayer.replay_workflow(read(file))
