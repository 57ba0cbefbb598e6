"""A workflow that was built to break: in a module of its own, since the sandbox loads all that it imports."""

from temporalio import workflow

from schema.messages.fates import Outcome
from schema.messages.orders import GenerationInput
from workflows import steps
from workflows.generation import GenerationWorkflow


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
