"""What is done with pictures besides: figures cut out elsewhere, and a look at each before delivery."""

import json

import pytest
from temporalio.client import Client, WorkflowFailureError, WorkflowHandle

from schema.errors import (
    BadImage,
    OutputModerated,
    PictureUnchecked,
    PoseError,
    ProviderAccount,
    ProviderUnavailable,
)
from schema.kinds import BackgroundMode, PictureCheck
from schema.messages.fates import Outcome
from schema.messages.orders import Background, GenerationInput, Treatment
from tests.workflow.orders import order
from tests.workflow.world import World
from workflows.gateway import GenerationGateway
from workflows.generation import GenerationWorkflow

pytestmark = pytest.mark.usefixtures("workers")

WHITE = Background(mode=BackgroundMode.SOLID_COLOR, color="#FFFFFF")
BEACH = Background(mode=BackgroundMode.AI_GENERATE, prompt="a beach at dawn")
SHOP = Background(mode=BackgroundMode.UPLOAD, image="file_1", image_key="uploads/u/file_1.jpg")
LOOKED_AT = Treatment(backdrop_first=True, check=PictureCheck.MODEL)


class Buyer:
    def __init__(self, gateway: GenerationGateway, client: Client) -> None:
        self._gateway, self._client = gateway, client

    async def start(
        self, background: Background | None = None
    ) -> WorkflowHandle[GenerationWorkflow, Outcome]:
        wanted: GenerationInput = order(background=background)
        await self._gateway.start(wanted, priority_key=3)
        return self._client.get_workflow_handle(wanted.generation_id, result_type=Outcome)

    async def gets(self, background: Background | None = None) -> Outcome:
        return await (await self.start(background)).result()

    async def gets_nothing(self, background: Background | None = None) -> None:
        with pytest.raises(WorkflowFailureError):
            await self.gets(background)


async def told(handle: WorkflowHandle[GenerationWorkflow, Outcome]) -> set[str]:
    """What the Web UI shows beside each activity."""
    events = (await handle.fetch_history()).events
    return {json.loads(event.user_metadata.summary.data or '""') for event in events}


@pytest.fixture
def buyer(gateway: GenerationGateway, client: Client) -> Buyer:
    return Buyer(gateway, client)


async def test_without_either_nobody_is_asked(buyer: Buyer, world: World) -> None:
    assert (await buyer.gets(WHITE)).completed == 6
    assert (world.mattes, world.checks) == ([], [])


async def test_the_provider_is_asked_for_each_outline_and_told_of_in_the_history(
    buyer: Buyer, world: World
) -> None:
    world.treatment = Treatment(matte=True)
    handle = await buyer.start(WHITE)
    assert (await handle.result()).completed == len(set(world.mattes)) == 6
    assert {f"outline of item {index}/6 pose_{(index - 1) // 2}" for index in range(1, 7)} < await told(
        handle
    )


@pytest.mark.parametrize(
    ("failure", "code", "calls"),
    [
        (ProviderUnavailable("down"), "PROVIDER_UNAVAILABLE", 6),
        (BadImage("no figure"), "BAD_IMAGE", 12),
        (OutputModerated("no"), "OUTPUT_MODERATED", 12),
    ],
)
async def test_an_outline_fails_as_a_picture_does(
    buyer: Buyer, world: World, failure: PoseError, code: str, calls: int
) -> None:
    failure.final = True
    world.treatment = Treatment(matte=True)
    world.fail_matte = [failure] * 12
    await buyer.gets_nothing(WHITE)
    assert set(world.refunds.values()) == {code}
    assert sum(map(len, world.seeds.values())) == calls


@pytest.mark.parametrize("by", [PictureCheck.MODEL, PictureCheck.PROVIDER])
async def test_every_picture_is_looked_at_once(buyer: Buyer, world: World, by: PictureCheck) -> None:
    world.treatment = Treatment(check=by)
    handle = await buyer.start()
    assert (await handle.result()).completed == 6
    assert sorted(world.checks) == [(by, f"staging/{index}") for index in range(6)]
    assert {f"check of item {index}/6 pose_{(index - 1) // 2}" for index in range(1, 7)} < await told(handle)


async def test_what_may_not_be_shown_gets_one_other_seed(buyer: Buyer, world: World) -> None:
    world.treatment = LOOKED_AT
    world.fail_check = {"staging/2": [OutputModerated("no")], "staging/4": [OutputModerated("no")] * 2}
    outcome = await buyer.gets()
    assert (outcome.completed, outcome.status) == (5, "partial")
    assert world.refunds == {4: "OUTPUT_MODERATED"}
    assert {index: len(set(seeds)) for index, seeds in world.seeds.items()} == {
        0: 1, 1: 1, 2: 2, 3: 1, 4: 2, 5: 1
    }  # fmt: skip


async def test_what_nobody_could_look_at_is_not_delivered_and_not_paid_for_again(
    buyer: Buyer, world: World
) -> None:
    world.treatment = LOOKED_AT
    world.fail_check = {"staging/": [PictureUnchecked("down")] * 6}
    await buyer.gets_nothing()
    assert set(world.refunds.values()) == {"PICTURE_UNCHECKED"}
    assert {len(seeds) for seeds in world.seeds.values()} == {1}


async def test_an_empty_account_stops_the_batch_there_too(buyer: Buyer, world: World) -> None:
    world.treatment = Treatment(check=PictureCheck.PROVIDER)
    world.fail_check = {"staging/": [ProviderAccount("empty")] * 6}
    await buyer.gets_nothing()
    assert set(world.refunds.values()) == {"PROVIDER_ACCOUNT"}


async def test_with_a_background_both_pictures_and_the_background_are_looked_at(
    buyer: Buyer, world: World
) -> None:
    world.treatment = LOOKED_AT
    assert (await buyer.gets(BEACH)).completed == 6
    looked_at = sorted(key for _, key in world.checks)
    pictures = [f"staging/{index}" for index in range(6)]
    assert looked_at == sorted(["staging/backdrop", *pictures, *(f"{key}-background" for key in pictures)])


async def test_a_background_that_may_not_be_shown_pays_for_no_picture(buyer: Buyer, world: World) -> None:
    world.treatment = LOOKED_AT
    world.fail_check = {"backdrop": [OutputModerated("no")] * 2}
    await buyer.gets_nothing(BEACH)
    assert set(world.refunds.values()) == {"OUTPUT_MODERATED"}
    assert (world.backdrops, world.seeds) == (2, {})


async def test_nor_does_one_of_the_users_own(buyer: Buyer, world: World) -> None:
    world.treatment = LOOKED_AT
    world.fail_check = {"uploads/": [OutputModerated("no")]}
    await buyer.gets_nothing(SHOP)
    assert set(world.refunds.values()) == {"OUTPUT_MODERATED"}
    assert (world.seeds, world.checks) == ({}, [("model", "uploads/u/file_1.jpg")])


async def test_before_a_background_it_may_look_otherwise(buyer: Buyer, world: World) -> None:
    world.treatment = LOOKED_AT
    world.fail_check = {"staging/3-background": [OutputModerated("no")]}
    assert (await buyer.gets(WHITE)).completed == 6
    assert len(world.seeds[3]) == 2
