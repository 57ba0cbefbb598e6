"""One round of reconciling the books with Temporal: whatever waits for a workflow that is over is ended as it
would have ended itself, and what nobody needs any more is swept away. Two rounds at once do nothing twice.
"""

import asyncio
from collections.abc import Sequence

from temporalio import workflow
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from schema.reconciling import (
        MOST_OBJECTS,
        FindLost,
        Lost,
        Reconcile,
        Reconciled,
        SweepObjects,
    )
    from workflows import names, repairs, tally

AT_ONCE = 8
REPAIRED, CLEAN = "repaired", "clean"


@workflow.defn
class ReconcileWorkflow:
    @workflow.init
    def __init__(self, order: Reconcile) -> None:
        self._order = order
        self._done = order.carried or Reconciled()
        self._slots = asyncio.Semaphore(AT_ONCE)

    @workflow.run
    async def run(self, order: Reconcile) -> Reconciled:
        for place in range(len(order.kinds)):
            await self._end_lost(order, place)
        await self._sweep(order)
        self._show()
        workflow.upsert_search_attributes(
            [names.STATUS.value_set(REPAIRED if self._done.repaired else CLEAN)]
        )
        return self._done

    async def _end_lost(self, order: Reconcile, place: int) -> None:
        after: str | None = "" if place else order.after
        while after is not None:
            call = FindLost(kind=order.kinds[place], after=after, grace_s=order.grace_s)
            page = await repairs.find(call)
            self._done = tally.added(self._done, Reconciled(asked=page.asked))
            await self._end_all(page.lost)
            after = page.after
            if workflow.info().is_continue_as_new_suggested():
                self._renew(order, place, after)

    async def _end_all(self, lost: Sequence[Lost]) -> None:
        await asyncio.gather(*map(self._end, lost))

    async def _end(self, lost: Lost) -> None:
        async with self._slots:
            try:
                added = await repairs.end(lost)
            except ActivityError:
                workflow.logger.exception("cannot end %s", lost.id)
                added = Reconciled(not_repaired=1)
        self._done = tally.added(self._done, added, lost.id)
        self._show()

    async def _sweep(self, order: Reconcile) -> None:
        """Only housekeeping: a storage that does not answer does not make the round a failure."""
        try:
            await self._sweep_objects(order)
            self._done = tally.added(self._done, Reconciled(rows=await repairs.sweep_rows()))
        except ActivityError:
            workflow.logger.exception("cannot sweep")
            self._done = tally.added(self._done, Reconciled(not_repaired=1))

    async def _sweep_objects(self, order: Reconcile) -> None:
        after: str | None = "" if order.whole_storage else _last_place()
        while after is not None:
            call = SweepObjects(after=after, most=MOST_OBJECTS, grace_s=order.orphan_grace_s)
            swept = await repairs.sweep_objects(call)
            self._done = tally.swept(self._done, swept)
            self._show()
            after = swept.after if order.whole_storage else None

    def _renew(self, order: Reconcile, place: int, after: str | None) -> None:
        """From the next page on, or from the next kind."""
        kinds = order.kinds[place:] if after else order.kinds[place + 1 :]
        rest = {"carried": self._done, "kinds": kinds, "after": after or ""}
        workflow.continue_as_new(order.model_copy(update=rest))

    def _show(self) -> None:
        workflow.set_current_details(tally.table(self._done))


def _last_place() -> str:
    """Where the last round of the schedule stopped looking at objects."""
    last = workflow.get_last_completion_result(Reconciled)
    return last.objects.after or "" if last else ""
