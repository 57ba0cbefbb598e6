"""Money and fate: charging, refunding, settling. Each is one transaction, and each may be repeated."""

from temporalio import activity

from schema.database import Database
from schema.messages.fates import RefundItem, Settle, Settlement, StatusChange
from schema.messages.orders import ChargeReceipt, GenerationInput
from schema.queries import delivery, ledger, planning, settlement, wakeups


class CreditActivities:
    def __init__(self, database: Database, provider: str) -> None:
        self._database = database
        self._provider = provider

    @activity.defn
    async def charge(self, order: GenerationInput) -> ChargeReceipt:
        """A client waits for it; planning, right after it, is what wakes the streams."""
        async with self._database.transaction() as session:
            return await ledger.charge(session, order)

    @activity.defn
    async def refund_item(self, call: RefundItem) -> int:
        """Answers the credits given back."""
        async with self._database.transaction() as session:
            credits_given = await delivery.refund(session, call, self._provider)
        await wakeups.notify(self._database, call.generation_id, call.user_id)
        return credits_given

    @activity.defn
    async def note_status(self, change: StatusChange) -> None:
        async with self._database.transaction() as session:
            await planning.note_status(session, change.generation_id, change.status)
        await wakeups.notify(self._database, change.generation_id, change.user_id)

    @activity.defn
    async def settle(self, call: Settle) -> Settlement:
        async with self._database.transaction() as session:
            settled = await settlement.settle(session, call, self._provider)
        await wakeups.notify(self._database, call.generation_id, call.user_id)
        return settled
