"""Each figure before its background: asked for once, and what cannot be had is given back."""

import pytest
from temporalio.client import Client, WorkflowFailureError

from schema.errors import BackgroundMissing, OutputModerated, ProviderAccount, ProviderRejected
from schema.kinds import BackgroundMode, GenerationStatus
from schema.messages.fates import Outcome
from schema.messages.orders import Background
from tests.eventually import until
from tests.workflow.orders import order
from tests.workflow.world import World
from workflows.gateway import GenerationGateway

pytestmark = pytest.mark.usefixtures("workers")

WHITE = Background(mode=BackgroundMode.SOLID_COLOR, color="#FFFFFF")
BEACH = Background(mode=BackgroundMode.AI_GENERATE, prompt="a beach at dawn")
SHOP = Background(mode=BackgroundMode.UPLOAD, image="file_1", image_key="uploads/u/file_1.jpg")


async def made(gateway: GenerationGateway, client: Client, background: Background) -> Outcome:
    wanted = order(background=background, item_price_credits=40)
    await gateway.start(wanted, priority_key=3)
    outcome: Outcome = await client.get_workflow_handle(wanted.generation_id, result_type=Outcome).result()
    return outcome


@pytest.mark.parametrize(
    ("background", "before"), [(WHITE, ("#FFFFFF", None)), (SHOP, (None, "uploads/u/file_1.jpg"))]
)
async def test_every_item_is_put_before_it(
    gateway: GenerationGateway,
    client: Client,
    world: World,
    background: Background,
    before: tuple[str | None, str | None],
) -> None:
    outcome = await made(gateway, client, background)
    assert (outcome.status, outcome.completed) == ("completed", 6)
    assert world.changed == [before] * 6
    assert world.backdrops == 0


async def test_a_made_background_is_asked_for_once_and_shared(
    gateway: GenerationGateway, client: Client, world: World
) -> None:
    outcome = await made(gateway, client, BEACH)
    assert outcome.completed == 6
    assert world.backdrops == 1
    assert len({key for _, key in world.changed}) == 1


async def test_a_moderated_background_gets_one_other_seed(
    gateway: GenerationGateway, client: Client, world: World
) -> None:
    world.fail_backdrop = [OutputModerated("dark")]
    assert (await made(gateway, client, BEACH)).completed == 6
    assert world.backdrops == 2


async def test_a_background_that_cannot_be_had_refunds_every_item(
    gateway: GenerationGateway, client: Client, world: World
) -> None:
    world.fail_backdrop = [ProviderRejected("no")]
    with pytest.raises(WorkflowFailureError):
        await made(gateway, client, BEACH)
    assert set(world.refunds) == set(range(6))
    assert set(world.refunds.values()) == {"PROVIDER_REJECTED"}
    assert (world.backdrops, world.seeds) == (1, {}), "no picture was paid for to stand before it"


async def test_a_background_moderated_for_good_pays_for_no_picture(
    gateway: GenerationGateway, client: Client, world: World
) -> None:
    world.fail_backdrop = [OutputModerated("dark")] * 2
    with pytest.raises(WorkflowFailureError):
        await made(gateway, client, BEACH)
    assert set(world.refunds.values()) == {"OUTPUT_MODERATED"}
    assert (world.backdrops, world.seeds) == (2, {})


async def test_an_empty_account_stops_the_batch_there_too(
    gateway: GenerationGateway, client: Client, world: World
) -> None:
    world.fail_backdrop = [ProviderAccount("empty")]
    with pytest.raises(WorkflowFailureError):
        await made(gateway, client, BEACH)
    assert set(world.refunds.values()) == {"PROVIDER_ACCOUNT"}
    assert world.rows.keys() == set(range(6))


async def test_a_deleted_background_refunds_what_needs_it(
    gateway: GenerationGateway, client: Client, world: World
) -> None:
    world.fail_change = [BackgroundMissing("gone")] * 6
    with pytest.raises(WorkflowFailureError):
        await made(gateway, client, SHOP)
    assert set(world.refunds.values()) == {"BACKGROUND_MISSING"}


async def test_cancelling_does_not_wait_for_a_background(
    gateway: GenerationGateway, client: Client, world: World
) -> None:
    world.hold_backdrop = True
    wanted = order(background=BEACH, item_price_credits=40)
    await gateway.start(wanted, priority_key=3)
    await until(lambda: world.backdrops == 1)
    await gateway.cancel(wanted.generation_id)
    with pytest.raises(WorkflowFailureError):
        await client.get_workflow_handle(wanted.generation_id).result()
    progress = await gateway.progress(wanted.generation_id)
    assert progress.status is GenerationStatus.CANCELLED
    assert world.seeds == {}
    assert set(world.refunds.values()) == {"CANCELLED"}
    assert world.cancelled_calls == 1
