"""What changes of backgrounds and rounds of reconciling ask for, pretended by name."""

from collections.abc import Callable
from typing import Any

from temporalio import activity

from schema.messages.changes import ApplyChange, ChangeOrder, ChangeReceipt, EndChange
from schema.reconciling import (
    Fate,
    FindLost,
    Lost,
    LostPage,
    MessageEnd,
    SweepObjects,
    SweepRows,
    SweptObjects,
)


class ChangeBooks:
    @activity.defn
    async def charge_change(self, order: ChangeOrder) -> ChangeReceipt:
        price = order.price_credits
        return ChangeReceipt(change_id=order.change_id, item_id=order.item_id, credits_charged=price)

    @activity.defn
    async def apply_change(self, call: ApplyChange) -> bool:
        return True

    @activity.defn
    async def refund_change(self, call: EndChange) -> int:
        return 10

    @property
    def all(self) -> list[Callable[..., Any]]:
        return [self.charge_change, self.apply_change, self.refund_change]


class LostBooks:
    """One lost thing of each kind, and a second page without any; the storage is three sweeps long."""

    @activity.defn
    async def find_lost(self, call: FindLost) -> LostPage:
        if call.after:
            return LostPage(lost=(), asked=1, after=None)
        lost = Lost(kind=call.kind, id=f"{call.kind}_1", user_id="ani", fate=Fate.UNKNOWN)
        return LostPage(lost=(lost,), asked=1, after=lost.id)

    @activity.defn
    async def take_up_message(self, call: Lost) -> MessageEnd:
        return MessageEnd.RESTARTED

    @activity.defn
    async def sweep_objects(self, call: SweepObjects) -> SweptObjects:
        after = {"": "a", "a": "b"}.get(call.after)
        return SweptObjects(seen=2, orphans=1, deleted=1, deleted_bytes=7, after=after)

    @activity.defn
    async def sweep_rows(self, call: SweepRows) -> dict[str, int]:
        return {"shares": 3}

    @property
    def all(self) -> list[Callable[..., Any]]:
        return [self.find_lost, self.take_up_message, self.sweep_objects, self.sweep_rows]
