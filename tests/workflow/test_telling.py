"""What a generation tells: its progress, what the operator sees, and messages to receivers."""

from datetime import timedelta

import pytest
from temporalio.client import Client, WorkflowFailureError

from schema.errors import PoseError, ProviderRejected, StorageUnavailable
from schema.kinds import WebhookEvent
from tests.eventually import eventually, until
from tests.workflow.orders import handle, order, started
from tests.workflow.world import World
from workflows import policies
from workflows.gateway import GenerationGateway

pytestmark = pytest.mark.usefixtures("workers")


async def test_versions_rise_by_event_and_since_gives_only_what_is_newer(
    gateway: GenerationGateway, client: Client, world: World
) -> None:
    world.fail_generate = {2: [ProviderRejected("no")]}
    made = order()
    await (await started(gateway, client, made)).result()
    progress = await gateway.progress(made.generation_id)
    versions = [item.version for item in progress.items]
    assert progress.started_version == 1
    assert versions == [2, 4, 6, 8, 10, 12], "the counts after each item have the number between"
    assert progress.version == 14 or progress.version > versions[-1]
    newer = await gateway.progress(made.generation_id, since=6)
    assert [item.version for item in newer.items] == [8, 10, 12]
    assert newer.completed == 5


async def test_the_operator_can_find_a_run_and_read_it(
    gateway: GenerationGateway, client: Client, world: World
) -> None:
    world.fail_generate = {0: [ProviderRejected("no")]}
    made = order()
    await (await started(gateway, client, made)).result()
    query = (
        "PoseUserId = 'user-1' AND PoseStatus = 'partial' AND PoseItemsFailed = 1 AND PoseDegraded = false"
    )

    async def found() -> list[str]:
        return [run.id async for run in client.list_workflows(query)]

    await eventually(found, lambda ids_: ids_ == [made.generation_id])
    described = await handle(client, made).describe()
    assert await described.static_summary() == "6 items, 1 formats, gallery"


EVERYTHING = tuple(WebhookEvent)


async def test_receivers_are_told_of_each_picture_and_of_the_end(
    gateway: GenerationGateway, client: Client, world: World
) -> None:
    world.fail_generate = {1: [ProviderRejected("no")]}
    await (await started(gateway, client, order(webhook_events=EVERYTHING))).result()
    assert set(world.announced) == {0, 2, 3, 4, 5, None}, "not of what was not delivered"
    assert len(world.announced) == 6
    assert world.announced[-1] is None


async def test_pictures_whose_exports_fail_are_told_of_too(
    gateway: GenerationGateway, client: Client, world: World
) -> None:
    error = StorageUnavailable("full")
    error.final = True
    world.fail_export = error
    await (await started(gateway, client, order(webhook_events=EVERYTHING))).result()
    assert set(world.announced) == {*range(6), None}


@pytest.mark.parametrize(
    ("events", "told"),
    [
        ((), []),
        ((WebhookEvent.GENERATION_COMPLETED,), [None]),
        ((WebhookEvent.GENERATION_FAILED, WebhookEvent.GENERATION_CANCELLED), []),
    ],
)
async def test_nobody_is_told_what_they_did_not_ask_for(
    gateway: GenerationGateway,
    client: Client,
    world: World,
    events: tuple[WebhookEvent, ...],
    told: list[int | None],
) -> None:
    await (await started(gateway, client, order(webhook_events=events))).result()
    assert world.announced == told


@pytest.mark.parametrize("done_before", [0, 3])
async def test_a_cancelled_generation_tells_of_it(
    gateway: GenerationGateway, client: Client, world: World, done_before: int
) -> None:
    world.hold_from = done_before
    made = order(webhook_events=EVERYTHING)
    run = await started(gateway, client, made)
    await until(lambda: len(world.rows) == done_before and world.running > 0)
    await gateway.cancel(made.generation_id)
    with pytest.raises(WorkflowFailureError):
        await run.result()
    assert world.announced[-1] is None
    assert len(world.announced) == done_before + 1


async def test_an_unknown_generation_is_not_found(gateway: GenerationGateway) -> None:
    with pytest.raises(PoseError, match="No such generation"):
        await gateway.progress("gen_none")


async def test_health_tells_who_serves_each_queue(gateway: GenerationGateway) -> None:
    async def pollers() -> list[int]:
        return [queue.pollers for queue in (await gateway.health()).values()]

    await eventually(pollers, lambda seen: seen == [1, 1, 1, 1])


async def test_a_run_with_items_stuck_in_retries_is_degraded_until_they_move(
    gateway: GenerationGateway, client: Client, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policies, "DEGRADED_CHECK", timedelta(seconds=0.2))
    world.hold_from = 5
    made = order()
    run = await started(gateway, client, made)

    async def degraded() -> list[str]:
        return [found.id async for found in client.list_workflows("PoseDegraded = true")]

    await eventually(degraded, lambda found: found == [made.generation_id])
    world.hold.set()
    await run.result()
    await eventually(degraded, lambda found: not found)
