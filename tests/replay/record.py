"""Records the histories that every later version must be able to replay: `python -m tests.replay.record`.

Run it for a new kind of run, or once a change that needed a patch has been out long enough; never to make a
failing replay pass, since what fails here fails for the runs of our users too.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from temporalio.client import Client, WorkflowFailureError

from schema.errors import OutputModerated, ProviderRejected
from schema.messages import GenerationInput
from tests.eventually import until
from tests.servers.temporal import development_server
from tests.workflow.conftest import serving
from tests.workflow.fakes import World
from tests.workflow.orders import order
from workflows.gateway import GenerationGateway

TRACES = {"stackTrace", "identity"}
HISTORIES = Path(__file__).parent / "histories"

Scene = Callable[[GenerationGateway, World, GenerationInput], Awaitable[None]]


async def success(gateway: GenerationGateway, world: World, made: GenerationInput) -> None:
    await gateway.start(made, priority_key=3)


async def partial(gateway: GenerationGateway, world: World, made: GenerationInput) -> None:
    world.fail_generate = {1: [ProviderRejected("no")], 2: [OutputModerated("dark"), OutputModerated("dark")]}
    world.fail_store = {3: [OutputModerated("dark")]}
    await gateway.start(made, priority_key=3)


async def cancelled(gateway: GenerationGateway, world: World, made: GenerationInput) -> None:
    world.hold_from = 2
    await gateway.start(made, priority_key=3)
    await until(lambda: len(world.rows) == 2 and world.running == made.parallelism)
    await gateway.pause(made.generation_id)
    await gateway.resume(made.generation_id)
    await gateway.cancel(made.generation_id)


SCENES: dict[str, Scene] = {"success": success, "partial": partial, "cancelled": cancelled}


async def history(client: Client, scene: Scene) -> str:
    world, made = World(), order(poses=4, variations=2)
    async with serving(client, world):
        await scene(GenerationGateway(client), world, made)
        handle = client.get_workflow_handle(made.generation_id)
        try:
            await handle.result()
        except WorkflowFailureError:
            assert scene is cancelled
        recorded = json.loads((await handle.fetch_history()).to_json())
    return json.dumps(without_traces(recorded), indent=1)


def without_traces(part: Any) -> Any:
    """What only the recording machine knows: its paths and its name."""
    if isinstance(part, dict):
        return {name: without_traces(value) for name, value in part.items() if name not in TRACES}
    return [without_traces(value) for value in part] if isinstance(part, list) else part


async def main() -> None:
    async with development_server() as client:
        for name, scene in SCENES.items():
            (HISTORIES / f"{name}.json").write_text(await history(client, scene) + "\n")


if __name__ == "__main__":
    asyncio.run(main())
