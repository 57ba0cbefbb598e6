"""Records the histories that every later version must be able to replay: `python -m tests.replay.record`,
followed by the names of those to record.

Run it for a new kind of run, or once a change that needed a patch has been out long enough; never to make a
failing replay pass, since what fails here fails for the runs of our users too.
docs/changing-workflows.md says when.
"""

import argparse
import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

from temporalio.client import Client, WorkflowFailureError, WorkflowHistory

from cli.exit import run
from schema.errors import (
    InsufficientCredits,
    OutputModerated,
    PictureUnchecked,
    PoseError,
    ProviderAccount,
    ProviderRejected,
)
from schema.kinds import BackgroundMode, DeliveryFault, PictureCheck, WebhookEvent
from schema.messages.orders import Background, GenerationInput, Treatment
from schema.reconciling import Reconcile
from tests.eventually import until
from tests.orders import change_order
from tests.servers.temporal import development_server
from tests.workflow.books import BAD, OK, Books, new_message
from tests.workflow.books import serving as books_serving
from tests.workflow.conftest import serving
from tests.workflow.lost import ChangeBooks, LostBooks
from tests.workflow.orders import order
from tests.workflow.world import World
from workflows import names, policies
from workflows.gateway import GenerationGateway
from workflows.reconcile import ReconcileWorkflow
from workflows.webhook_gateway import WebhookGateway

TRACES = {"stackTrace", "identity"}
HISTORIES = Path(__file__).parent / "histories"
LONG = 120
"""Events after which a run is continued as new here: with the real limit its history would be megabytes."""

Scene = Callable[[GenerationGateway, World, GenerationInput], Awaitable[None]]


async def success(gateway: GenerationGateway, world: World, made: GenerationInput) -> None:
    await gateway.start(made, priority_key=3)


async def mapped(gateway: GenerationGateway, world: World, made: GenerationInput) -> None:
    """Of poses whose maps had been drawn before, but for one."""
    world.drawn = {0, 1, 3}
    await gateway.start(made, priority_key=3)


async def partial(gateway: GenerationGateway, world: World, made: GenerationInput) -> None:
    world.fail_generate = {1: [ProviderRejected("no")], 2: [OutputModerated("dark"), OutputModerated("dark")]}
    world.fail_store = {3: [OutputModerated("dark")]}
    await gateway.start(made, priority_key=3)


async def failed(gateway: GenerationGateway, world: World, made: GenerationInput) -> None:
    world.fail_generate = {index: [ProviderRejected("no")] for index in range(made.total_items)}
    await gateway.start(made, priority_key=3)


async def out_of_account(gateway: GenerationGateway, world: World, made: GenerationInput) -> None:
    """The first call finds out; what had not begun is refunded at the end."""
    world.fail_generate = {0: [ProviderAccount("empty")]}
    await gateway.start(made, priority_key=3)


async def refused(gateway: GenerationGateway, world: World, made: GenerationInput) -> None:
    world.refuse = InsufficientCredits("too few")
    with suppress(InsufficientCredits):
        await gateway.start(made, priority_key=3)


async def cancelled(gateway: GenerationGateway, world: World, made: GenerationInput) -> None:
    world.hold_from = 2
    await gateway.start(made, priority_key=3)
    await until(lambda: len(world.rows) == 2 and world.running == made.parallelism)
    await gateway.pause(made.generation_id)
    await gateway.resume(made.generation_id)
    await gateway.cancel(made.generation_id)


async def told(gateway: GenerationGateway, world: World, made: GenerationInput) -> None:
    """With a receiver that wants to know everything."""
    world.fail_generate = {1: [ProviderRejected("no")]}
    await gateway.start(made.model_copy(update={"webhook_events": tuple(WebhookEvent)}), priority_key=3)


async def background(gateway: GenerationGateway, world: World, made: GenerationInput) -> None:
    world.fail_backdrop = [OutputModerated("dark")]
    beach = Background(mode=BackgroundMode.AI_GENERATE, prompt="a beach at dawn")
    await gateway.start(made.model_copy(update={"background": beach}), priority_key=3)


async def treated(gateway: GenerationGateway, world: World, made: GenerationInput) -> None:
    """Looked at and cut out elsewhere, before a background that is there first."""
    world.treatment = Treatment(backdrop_first=True, matte=True, check=PictureCheck.PROVIDER)
    world.fail_check = {"staging/1": [OutputModerated("no")], "staging/2": [PictureUnchecked("down")]}
    beach = Background(mode=BackgroundMode.AI_GENERATE, prompt="a beach at dawn")
    await gateway.start(made.model_copy(update={"background": beach}), priority_key=3)


async def renewed(client: Client) -> str:
    """The first part of a run whose history has grown long."""
    made = order(poses=20, variations=1)
    with patch.object(policies, "CONTINUE_AT_EVENTS", LONG):
        async with serving(client, World()):
            await GenerationGateway(client).start(made, priority_key=3)
            handle = client.get_workflow_handle(made.generation_id)
            await handle.result()
    began = (await handle.fetch_history()).events[0].workflow_execution_started_event_attributes
    first = client.get_workflow_handle(made.generation_id, run_id=began.first_execution_run_id)
    return cleaned(await first.fetch_history())


async def recoloured(client: Client) -> str:
    """Another background afterwards, which the provider makes; the first try at it is moderated."""
    return await _changed(client, OutputModerated("dark"))


async def not_recoloured(client: Client) -> str:
    """Given back: the second try at its background is moderated too."""
    return await _changed(client, OutputModerated("dark"), OutputModerated("dark"))


async def _changed(client: Client, *failures: PoseError) -> str:
    world, gateway = World(fail_backdrop=list(failures)), GenerationGateway(client)
    beach = Background(mode=BackgroundMode.AI_GENERATE, prompt="a beach at dawn")
    wanted = change_order(order(), price=10).model_copy(update={"background": beach})
    async with serving(client, world, *ChangeBooks().all):
        await gateway.change_background(wanted, priority_key=3)
        handle = client.get_workflow_handle(wanted.change_id)
        await handle.result()
    return cleaned(await handle.fetch_history())


async def reconciled(client: Client) -> str:
    """One of everything that can be lost, in two pages; and three sweeps of the storage."""
    async with serving(client, World(), *ChangeBooks().all[2:], *LostBooks().all):
        handle = await client.start_workflow(
            ReconcileWorkflow.run,
            Reconcile(whole_storage=True),
            id=names.RECONCILE,
            task_queue=names.ORCHESTRATION,
        )
        done = await handle.result()
    assert (done.repaired, done.objects.seen, done.asked) == (4, 6, 8)
    return cleaned(await handle.fetch_history())


SCENES: dict[str, Scene] = {
    "success": success,
    "mapped": mapped,
    "partial": partial,
    "failed": failed,
    "out_of_account": out_of_account,
    "refused": refused,
    "cancelled": cancelled,
    "told": told,
    "background": background,
    "treated": treated,
}


async def history(client: Client, scene: Scene) -> str:
    world, made = World(), order(poses=4, variations=2)
    async with serving(client, world):
        await scene(GenerationGateway(client), world, made)
        handle = client.get_workflow_handle(made.generation_id)
        try:
            await handle.result()
        except WorkflowFailureError:
            assert scene in {cancelled, failed}
    return cleaned(await handle.fetch_history())


def cleaned(recorded: WorkflowHistory) -> str:
    return json.dumps(without_traces(json.loads(recorded.to_json())), indent=1)


def without_traces(part: Any) -> Any:
    """What only the recording machine knows: its paths and its name."""
    if isinstance(part, dict):
        return {name: without_traces(value) for name, value in part.items() if name not in TRACES}
    return [without_traces(value) for value in part] if isinstance(part, list) else part


async def message_history(client: Client) -> str:
    """Tried twice by itself, once because the user asked for it, and then taken."""
    books, message, gateway = (
        Books([BAD, DeliveryFault.TIMEOUT, BAD, OK]),
        new_message(),
        WebhookGateway(client),
    )
    waits = (timedelta(milliseconds=50), timedelta(hours=1), timedelta(milliseconds=50))
    with patch.object(policies, "RECEIVER_WAITS", waits):
        async with books_serving(client, books):
            await gateway.start(message)
            await until(lambda: len(books.calls) == 2)
            await gateway.redeliver(message, after_attempt=2)
            await until(lambda: len(books.calls) == 3)
            await gateway.redeliver(message, after_attempt=3)
            handle = client.get_workflow_handle(message.id)
            await handle.result()
    return cleaned(await handle.fetch_history())


async def undelivered(client: Client) -> str:
    """A receiver that wants no more of it."""
    message = new_message()
    async with books_serving(client, Books([DeliveryFault.GONE])):
        await WebhookGateway(client).start(message)
        handle = client.get_workflow_handle(message.id)
        await handle.result()
    return cleaned(await handle.fetch_history())


OTHERS: dict[str, Callable[[Client], Awaitable[str]]] = {
    "renewed": renewed,
    "message": message_history,
    "undelivered": undelivered,
    "recoloured": recoloured,
    "not_recoloured": not_recoloured,
    "reconciled": reconciled,
}


async def recording(client: Client, name: str) -> str:
    return await (OTHERS[name](client) if name in OTHERS else history(client, SCENES[name]))


async def main(folder: Path, *wanted: str) -> None:
    async with development_server() as client:
        for name in wanted or (*SCENES, *OTHERS):
            (folder / f"{name}.json").write_text(await recording(client, name) + "\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.replay.record")
    parser.add_argument("names", nargs="*", help="of the kinds of runs; without any, all")
    parser.add_argument("--release", default="", help="keep them as what that release has begun")
    given = parser.parse_args()
    kept = HISTORIES / given.release
    kept.mkdir(exist_ok=True)
    run(lambda: asyncio.run(main(kept, *given.names)))
