"""Every mixture of failures, slow calls, backgrounds, pauses and cancellations by lot, on a real server:
each item ends with exactly one fate, and what is kept is the price of what was delivered.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial

import hypothesis
from hypothesis import given
from hypothesis import strategies as st
from temporalio.client import Client, WorkflowFailureError

from schema.errors import (
    BackgroundMissing,
    BadImage,
    Conflict,
    NotFound,
    OutputModerated,
    PoseError,
    ProviderAccount,
    ProviderBusy,
    ProviderRejected,
    StorageUnavailable,
    Unavailable,
)
from schema.kinds import BackgroundMode, ItemStatus
from schema.messages.fates import Progress
from schema.messages.orders import Background, GenerationInput
from tests.eventually import until
from tests.lots import drawn, new_seed
from tests.servers.temporal import development_server
from tests.workflow.conftest import serving
from tests.workflow.orders import order
from tests.workflow.world import World
from workflows.gateway import GenerationGateway

log = logging.getLogger(__name__)

PRICE = 30
WHITE = Background(mode=BackgroundMode.SOLID_COLOR, color="#FFFFFF")
BEACH = Background(mode=BackgroundMode.AI_GENERATE, prompt="a beach at dawn")
PROVIDER = (ProviderBusy, ProviderRejected, OutputModerated, BadImage)
SOON_S = 0.3


def failures(*kinds: type[PoseError], most: int = 2) -> st.SearchStrategy[list[PoseError]]:
    return st.lists(st.sampled_from(kinds).map(lambda kind: kind("by lot")), min_size=1, max_size=most)


@dataclass(frozen=True)
class Run:
    order: GenerationInput
    world: World
    acts: tuple[tuple[int, str], ...]
    """After so many items have their fate: what is asked for."""


@st.composite
def runs(draw: st.DrawFn) -> Run:
    poses, variations = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    total = poses * variations
    indexes = st.integers(0, total - 1)
    background = draw(st.sampled_from([None, None, WHITE, BEACH]))
    made = order(poses, variations, parallelism=draw(st.integers(1, 4)), background=background)
    world = World(
        fail_generate=draw(st.dictionaries(indexes, failures(*PROVIDER), max_size=3)),
        fail_store=draw(st.dictionaries(indexes, failures(OutputModerated, StorageUnavailable), max_size=2)),
        fail_backdrop=draw(st.one_of(st.just([]), failures(ProviderRejected, OutputModerated))),
        fail_change=draw(st.one_of(st.just([]), failures(BackgroundMissing, OutputModerated))),
        hold_from=draw(st.integers(0, total)),
        hold_backdrop=draw(st.booleans()),
    )
    if draw(st.integers(0, 5)) == 0:
        world.fail_generate[draw(indexes)] = [ProviderAccount("by lot")]
    acts = st.tuples(st.integers(0, total), st.sampled_from(["pause", "resume", "cancel", "release"]))
    return Run(made, world, tuple(sorted(draw(st.lists(acts, max_size=4)))))


@asynccontextmanager
async def stage() -> AsyncIterator[tuple[Client, World]]:
    world = World()
    async with development_server() as client, serving(client, world):
        yield client, world


async def played(client: Client, world: World, run: Run) -> Progress:
    """The workflow's last word; its workers' one world is that of this run meanwhile."""
    vars(world).update(vars(run.world))
    gateway, generation = GenerationGateway(client), run.order.generation_id
    await gateway.start(run.order, priority_key=3)
    for count, act in run.acts:
        with suppress(AssertionError):  # held before so many have their fate: then now
            await until(partial(_has, world, count), within_s=SOON_S)
        await asked(gateway, world, generation, act)
    world.hold.set()
    await asked(gateway, world, generation, "resume")
    with suppress(WorkflowFailureError):
        await client.get_workflow_handle(generation).result()
    return await gateway.progress(generation)


def _has(world: World, count: int) -> bool:
    return len(world.rows) >= count


async def asked(gateway: GenerationGateway, world: World, generation: str, act: str) -> None:
    """It may be over already."""
    if act == "release":
        world.hold.set()
        return
    with suppress(Conflict, NotFound, Unavailable):
        await getattr(gateway, act)(generation)


def check(world: World, run: Run, last: Progress) -> None:
    total = run.order.total_items
    delivered = {index for index, status in world.rows.items() if status is ItemStatus.COMPLETED}
    assert set(world.rows) == set(range(total))
    assert set(world.refunds) == set(range(total)) - delivered
    assert (world.charges, len(world.settles)) == (1, 1)
    assert last.credits_charged - last.credits_refunded == PRICE * len(delivered)
    assert (last.completed, last.failed, last.total) == (len(delivered), total - len(delivered), total)
    assert last.status.terminal
    told = [item.index for item in last.items]
    assert sorted(told) == list(range(total)), "each item is told of once"
    assert {item.index for item in last.items if item.status is ItemStatus.COMPLETED} == delivered
    versions = [item.version for item in last.items]
    assert versions == sorted(set(versions))
    assert last.version > versions[-1]


def test_each_item_has_one_fate_and_only_delivered_ones_are_paid_for() -> None:
    count = 0
    with asyncio.Runner() as loop:
        playing = stage()
        client, world = loop.run(playing.__aenter__())

        @hypothesis.seed(new_seed())
        @drawn(few=12)
        @given(runs())
        def each(run: Run) -> None:
            nonlocal count
            count += 1
            check(world, run, loop.run(played(client, world, run)))

        try:
            each()
        finally:
            loop.run(playing.__aexit__(None, None, None))
    log.warning("%d generations", count)
