"""How each kind of lost thing is ended: by the very activity that would have ended it."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from schema.messages.changes import EndChange
    from schema.messages.fates import Settle, Settlement
    from schema.reconciling import (
        Fate,
        FindLost,
        Lost,
        LostKind,
        LostPage,
        MessageEnd,
        Reconciled,
        SweepObjects,
        SweepRows,
        SweptObjects,
    )
    from schema.webhooks import Announce
    from workflows import policies, steps
    from workflows.gate import CANCELLED

STOPPED = "STOPPED"
AFTER_ALL = 1_000_000
"""What a lost workflow has told of its progress is lost with it, and ids of events must grow: it would have
taken it half a million pauses to come here."""


async def find(call: FindLost) -> LostPage:
    summary = f"{call.kind} after {call.after}" if call.after else call.kind
    return await steps.perform("find_lost", call, LostPage, policies.REPAIR, summary)


async def end(lost: Lost) -> Reconciled:
    """What that adds to the round."""
    ends = {
        LostKind.GENERATION: _end_generation,
        LostKind.BACKGROUND: _end_background,
        LostKind.MESSAGE: _end_message,
        LostKind.END: _tell,
    }
    return await ends[lost.kind](lost)


async def sweep_objects(call: SweepObjects) -> SweptObjects:
    summary = f"{call.most} after {call.after}"[-150:] if call.after else "from the first on"
    return await steps.perform("sweep_objects", call, SweptObjects, policies.SWEEP, summary)


async def sweep_rows() -> dict[str, int]:
    return await steps.perform(
        "sweep_rows", SweepRows(), dict[str, int], policies.SWEEP, "rows that are over"
    )


async def _end_generation(lost: Lost) -> Reconciled:
    call = Settle(
        generation_id=lost.id,
        user_id=lost.user_id,
        error_code=_code(lost),
        versions={},
        next_version=AFTER_ALL,
    )
    settled = await steps.perform("settle", call, Settlement, policies.REPAIR, _summary(lost))
    await _announce(lost)
    return Reconciled(generations=1, credits_refunded=settled.credits_refunded)


async def _end_background(lost: Lost) -> Reconciled:
    call = EndChange(change_id=lost.id, user_id=lost.user_id, error_code=_code(lost))
    refunded = await steps.perform("refund_change", call, int, policies.REPAIR, _summary(lost))
    return Reconciled(backgrounds=1, credits_refunded=refunded)


async def _end_message(lost: Lost) -> Reconciled:
    ended = await steps.perform("take_up_message", lost, MessageEnd, policies.REPAIR, _summary(lost))
    return Reconciled(
        messages_restarted=int(ended is MessageEnd.RESTARTED), messages_failed=int(ended is MessageEnd.FAILED)
    )


async def _tell(lost: Lost) -> Reconciled:
    await _announce(lost)
    return Reconciled(ends_told=1)


async def _announce(lost: Lost) -> None:
    call = Announce(generation_id=lost.id, missed=True)
    await steps.perform("announce", call, type(None), policies.REPAIR, f"the end of {lost.id}")


def _code(lost: Lost) -> str:
    return CANCELLED if lost.fate is Fate.CANCELLED else STOPPED


def _summary(lost: Lost) -> str:
    return f"{lost.id}: workflow {lost.fate}"
