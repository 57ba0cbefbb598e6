"""All items of a generation: so many at once, in order, until they are done or the gate is closed."""

import asyncio
from collections.abc import Iterator

from temporalio import workflow
from temporalio.exceptions import is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from schema.messages.orders import GenerationInput, Plan
    from schema.messages.pictures import RawPicture
    from workflows import policies
    from workflows.backdrop import Backdrop
    from workflows.board import Board
    from workflows.display import Display
    from workflows.failures import ItemFailed
    from workflows.gate import Gate
    from workflows.item import Item
    from workflows.maps import Maps

ACCOUNT = "PROVIDER_ACCOUNT"
"""The provider's account is out of order: every further call would fail too."""


class Batch:
    def __init__(
        self,
        order: GenerationInput,
        plan: Plan,
        board: Board,
        gate: Gate,
        display: Display,
        *,
        backdrop: Backdrop | None,
    ) -> None:
        self._board = board
        self._gate = gate
        self._display = display
        self._maps = Maps(order.generation_id)
        self._backdrop = backdrop
        self._slots = asyncio.Semaphore(order.parallelism)
        self._ahead = order.parallelism
        self._items = [item for item in _items(order, plan) if item.index not in board.outcomes]
        self._tasks: list[asyncio.Task[None]] = []

    async def run(self) -> None:
        """Returns once no item is under way; items without a fate are left to the settling."""
        watch = asyncio.create_task(self._watch())
        self._tasks = [asyncio.create_task(self._run(place, item)) for place, item in enumerate(self._items)]
        try:
            await workflow.wait(self._tasks)
        except asyncio.CancelledError:
            await self._close(watch)
            raise
        await self._close(watch)
        self._raise_mistakes()

    async def _close(self, watch: asyncio.Task[None]) -> None:
        watch.cancel()
        await self._maps.close()
        if self._backdrop:
            await self._backdrop.close()

    async def stop(self) -> None:
        """Cancel what is being made; let what has been made be stored."""
        for item, task in zip(self._items, self._tasks, strict=True):
            if item.cancellable:
                task.cancel()
        if self._tasks:
            await workflow.wait(self._tasks)
        self._raise_mistakes()

    async def _run(self, place: int, item: Item) -> None:
        try:
            await self._deliver(place, item)
        except ItemFailed as failure:
            if failure.code == ACCOUNT:
                self._gate.close(ACCOUNT)
            await item.refund(failure.code, self._board)
        self._display.update()

    async def _deliver(self, place: int, item: Item) -> None:
        while True:
            try:
                picture = await self._made(place, item)
                if picture is None:
                    return
                stored = await item.store(picture, self._backdrop)
                break
            except ItemFailed as failure:
                if not item.may_try_again(failure):
                    raise
        if not stored.superseded:
            item.delivered(self._board, stored, picture)
            self._display.update()
            await item.export(stored.image_key)
            await item.announce()

    async def _made(self, place: int, item: Item) -> RawPicture | None:
        """None when nothing may start any more."""
        async with self._slots:
            if not await self._gate.passed():
                return None
            for coming in self._items[place : place + self._ahead + 1 : self._ahead]:
                self._maps.want(coming.pose)
            if self._backdrop:
                self._backdrop.want()
            return await item.make(self._maps, self._backdrop)

    async def _watch(self) -> None:
        """Items that sit in retries make the run degraded, which an operator can search for."""
        while True:
            await workflow.sleep(policies.DEGRADED_CHECK)
            for item in self._items:
                item.check()
            self._display.degraded(sum(item.checks >= policies.DEGRADED_CHECKS for item in self._items))

    def _raise_mistakes(self) -> None:
        """A bug must fail the workflow task, where it is retried by new code, not be swallowed here.

        A cancelled step is none: raised here, it would end the workflow before it is settled.
        """
        for task in self._tasks:
            mistake = None if task.cancelled() else task.exception()
            if mistake and not is_cancelled_exception(mistake):
                raise mistake


def _items(order: GenerationInput, plan: Plan) -> Iterator[Item]:
    for pose in plan.poses:
        for variation in range(pose.variations):
            yield Item(order, plan, pose, pose.first_index + variation)
