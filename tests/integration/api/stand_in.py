"""A gateway without Temporal: the real ledger and the workflow's own board, moved by the tests."""

from collections import Counter

from schema import ids, keys
from schema.database import Database
from schema.errors import NotFound, Unavailable
from schema.kinds import ItemStatus
from schema.messages.fates import Progress, RefundItem, Settle
from schema.messages.orders import ChargeReceipt, GenerationInput
from schema.messages.pictures import RawPicture, StoreItem
from schema.queries import delivery, ledger, settlement, wakeups
from schema.tables.columns import now
from workflows.board import Board
from workflows.gateway import GenerationGateway
from workflows.queue_health import QueueHealth


class StandIn(GenerationGateway):
    def __init__(self, database: Database) -> None:
        self._database = database
        self.away = False
        self.asked: Counter[str] = Counter()
        self.cancelled: list[str] = []
        self.priorities: dict[str, int] = {}
        self.orders: dict[str, GenerationInput] = {}
        self._boards: dict[str, Board] = {}

    async def start(self, order: GenerationInput, *, priority_key: int) -> ChargeReceipt:
        self._answers()
        async with self._database.transaction() as session:
            receipt = await ledger.charge(session, order)
        if order.generation_id not in self._boards:
            board = self._boards[order.generation_id] = Board(order)
            board.charged(receipt)
            self.orders[order.generation_id] = order
            self.priorities[order.generation_id] = priority_key
        return receipt

    async def progress(self, generation_id: str, since: int = 0) -> Progress:
        self.asked[generation_id] += 1
        self._answers()
        return self._board(generation_id).progress(since, now())

    async def cancel(self, generation_id: str) -> None:
        self.cancelled.append(generation_id)
        self._answers()
        await self.settle(generation_id, "CANCELLED")

    async def pause(self, generation_id: str) -> None:
        self._answers()
        self._board(generation_id).paused(True)

    async def resume(self, generation_id: str) -> None:
        self._answers()
        self._board(generation_id).paused(False)

    async def health(self) -> dict[str, QueueHealth]:
        self._answers()
        return {"pose-orchestration": QueueHealth(0, 0, (1,)), "pose-flux": QueueHealth(7, 3, ())}

    async def begin(self, generation_id: str) -> None:
        self._board(generation_id).started()
        await self._wake(generation_id)

    async def deliver(self, generation_id: str, index: int) -> None:
        """The row first and the wake-up with it, then the board: as the activity and the workflow do."""
        item = self._item(generation_id, index)
        key = keys.picture(generation_id, item.item_id)
        async with self._database.transaction() as session:
            await delivery.deliver(session, item, key, keys.thumbnail(generation_id, item.item_id), None)
        await self._wake(generation_id)
        self._board(generation_id).delivered(index, item.pose_id, image_key=key, attempt=1, duration_ms=1000)

    async def fail(self, generation_id: str, index: int) -> None:
        item = self._item(generation_id, index)
        refund = RefundItem(
            generation_id=generation_id,
            user_id=item.user_id,
            item_id=item.item_id,
            index=index,
            position=item.position,
            pose_id=item.pose_id,
            variation=item.variation,
            error_code="PROVIDER_REJECTED",
            attempt=1,
        )
        async with self._database.transaction() as session:
            given = await delivery.refund(session, refund)
        board = self._board(generation_id)
        board.refunded(index, item.pose_id, code="PROVIDER_REJECTED", attempt=1, returned=given)
        await self._wake(generation_id)

    async def settle(self, generation_id: str, error_code: str | None = None) -> None:
        board, order = self._board(generation_id), self.orders[generation_id]
        call = Settle(
            generation_id=generation_id,
            user_id=order.user_id,
            error_code=error_code,
            versions={index: outcome.version for index, outcome in board.outcomes.items()},
            next_version=board.version + 1,
        )
        async with self._database.transaction() as session:
            board.settled(await settlement.settle(session, call), error_code)
        await self._wake(generation_id)

    def undelivered(self, generation_id: str) -> int:
        done = self._board(generation_id).outcomes.values()
        return self.orders[generation_id].total_items - sum(o.status is ItemStatus.COMPLETED for o in done)

    async def _wake(self, generation_id: str) -> None:
        await wakeups.notify(self._database, generation_id, self.orders[generation_id].user_id)

    def _answers(self) -> None:
        if self.away:
            raise Unavailable("The workflow service cannot be reached. Try again.", retry_after_s=2)

    def _board(self, generation_id: str) -> Board:
        if generation_id not in self._boards:
            raise NotFound("No such generation is running.")
        return self._boards[generation_id]

    def _item(self, generation_id: str, index: int) -> StoreItem:
        order = self.orders[generation_id]
        places = [
            (position, pick.pose_id, variation)
            for position, pick in enumerate(order.picks)
            for variation in range(pick.variations)
        ]
        position, pose_id, variation = places[index]
        return StoreItem(
            generation_id=generation_id,
            user_id=order.user_id,
            item_id=ids.item_id(generation_id, index),
            index=index,
            position=position,
            pose_id=pose_id,
            variation=variation,
            prompt="a prompt",
            picture=RawPicture(
                key="staging/x",
                extension="png",
                seed=1,
                provider="fal",
                model="flux",
                duration_ms=1000,
                attempt=1,
            ),
        )
