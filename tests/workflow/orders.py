"""Orders as tests make them, and their runs."""

from typing import Any

from temporalio.client import Client, WorkflowHandle

from schema import ids
from schema.kinds import GenerationType
from schema.messages.fates import Outcome
from schema.messages.orders import GenerationInput, PosePick
from workflows.gateway import GenerationGateway
from workflows.generation import GenerationWorkflow


def order(poses: int = 3, variations: int = 2, **changes: object) -> GenerationInput:
    made = GenerationInput(
        generation_id=ids.generation_id(),
        user_id="user-1",
        project_id="proj_1",
        generation_type=GenerationType.GALLERY_REFERENCE,
        picks=tuple(PosePick(pose_id=f"pose_{n}", variations=variations) for n in range(poses)),
        batch_size=variations,
        seed=7,
        item_price_credits=30,
        parallelism=4,
        formats=("web",),
    )
    return made.model_copy(update=changes)


def handle(client: Client, made: GenerationInput) -> WorkflowHandle[GenerationWorkflow, Outcome]:
    return client.get_workflow_handle(made.generation_id, result_type=Outcome)


async def started(
    gateway: GenerationGateway, client: Client, made: GenerationInput
) -> WorkflowHandle[Any, Any]:
    await gateway.start(made, priority_key=3)
    return handle(client, made)
