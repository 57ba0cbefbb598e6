"""One paid batch of pictures, told as a story: charge, plan, render, settle.

It never ends with money kept for a picture it did not deliver, and never delivers one twice.
"""

import asyncio
from collections import Counter
from collections.abc import Coroutine
from typing import Any, TypeVar

from temporalio import workflow
from temporalio.exceptions import ApplicationError, FailureError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from schema.errors import SENTENCES
    from schema.kinds import ENDS, GenerationStatus
    from schema.messages.fates import Outcome, Progress, Settle, StatusChange
    from schema.messages.orders import ChargeReceipt, GenerationInput
    from schema.webhooks import Announce
    from workflows import names, steps
    from workflows.backdrop import Backdrop
    from workflows.batch import Batch
    from workflows.board import Board
    from workflows.display import Display
    from workflows.failures import refusal
    from workflows.gate import CANCELLED, RENEW, Gate
    from workflows.uncancelled import to_the_end

T = TypeVar("T")
REFUSED = "refused"


@workflow.defn
class GenerationWorkflow:
    @workflow.init
    def __init__(self, order: GenerationInput) -> None:
        self._order = order
        self._board = Board(order, order.carried)
        self._gate = Gate(paused=self._board.status is GenerationStatus.PAUSED)
        self._display = Display(order, self._board)
        self._backdrop = (
            Backdrop(order.background, order.generation_id, order.seed) if order.background else None
        )
        self._refusal: ApplicationError | None = None
        self._noting = asyncio.Lock()

    @workflow.run
    async def run(self, order: GenerationInput) -> Outcome:
        if workflow.cancellation_reason() is not None and not order.at_once:
            raise asyncio.CancelledError  # at once, a lost task may have charged: that is given back
        await self._charge()
        if self._refusal:
            await self._answered()
            return Outcome(status=REFUSED, error_code=self._refusal.type)
        await self._render()
        await self._answered()
        if self._gate.reason == RENEW and self._board.unfinished:
            workflow.continue_as_new(self._renewed(order))
        await self._settle()
        await self._announce()
        await self._answered()
        return self._outcome()

    @workflow.update(name=names.ACCEPTED)
    async def accepted(self) -> ChargeReceipt:
        """Answers once the credits are charged, or fails as the charge was refused."""
        await workflow.wait_condition(lambda: self._refusal is not None or self._board.receipt is not None)
        if self._refusal:
            raise self._refusal
        assert self._board.receipt
        return self._board.receipt

    @workflow.signal(name=names.SET_PAUSED)
    async def set_paused(self, paused: bool) -> None:  # noqa: FBT001 - the new state itself
        """Paused, it starts no new items; those under way finish. Nothing is done once it is over.

        A signal, since an update must change nothing here: where it meets other news on a worker that has
        just begun with the run, the SDK writes a history that nobody can replay (sdk-python, issue 1591).
        """
        await self._set_paused(GenerationStatus.PAUSED if paused else GenerationStatus.PROCESSING)

    @workflow.update(name=names.PAUSE)
    async def pause(self) -> None:
        """Of API processes and histories from before the signal."""
        await self._set_paused_or_fail(GenerationStatus.PAUSED)

    @workflow.update(name=names.RESUME)
    async def resume(self) -> None:
        await self._set_paused_or_fail(GenerationStatus.PROCESSING)

    @workflow.query(name=names.PROGRESS)
    def progress(self, since_version: int = 0) -> Progress:
        return self._board.progress(since_version, workflow.now())

    def _renewed(self, order: GenerationInput) -> GenerationInput:
        background = self._backdrop.known if self._backdrop else None
        return order.model_copy(update={"carried": self._board.state, "background": background})

    async def _charge(self) -> None:
        if self._board.receipt:
            return
        try:
            self._board.charged(await self._uncancelled(steps.charge(self._order)))
        except FailureError as error:
            self._refusal = refusal(error)

    async def _render(self) -> None:
        if self._gate.reason:
            return
        batch: Batch | None = None
        try:
            plan = await steps.plan(self._order)
            if self._backdrop:
                self._backdrop.treatment = plan.treatment
            self._board.started()
            self._display.update()
            batch = Batch(self._order, plan, self._board, self._gate, self._display, backdrop=self._backdrop)
            await batch.run()
        except BaseException as error:
            if not is_cancelled_exception(error):
                raise
            self._gate.close(CANCELLED)
            if batch:
                await self._uncancelled(batch.stop())

    async def _settle(self) -> None:
        code = self._missing_because()
        settlement = await self._uncancelled(
            steps.settle(
                Settle(
                    generation_id=self._order.generation_id,
                    user_id=self._order.user_id,
                    error_code=code,
                    versions={outcome.index: outcome.version for outcome in self._board.outcomes.values()},
                    next_version=self._board.version + 1,
                )
            )
        )
        self._board.settled(settlement, code)
        self._display.update(code)

    async def _announce(self) -> None:
        """Orders from before there were webhooks ask for no event, so their histories know of none."""
        event = ENDS[self._board.status]
        if event in self._order.webhook_events:
            await self._uncancelled(steps.announce(Announce(generation_id=self._order.generation_id), event))

    def _outcome(self) -> Outcome:
        """Cancelled and failed runs end so in the Web UI too; by now everything is settled and refunded."""
        board, code = self._board, self._missing_because()
        if board.status is GenerationStatus.CANCELLED:
            raise asyncio.CancelledError
        outcome = Outcome(
            status=board.status,
            completed=board.completed,
            failed=board.failed,
            credits_charged=board.receipt.credits_charged if board.receipt else 0,
            credits_refunded=board.credits_refunded,
            error_code=code,
        )
        if board.status is GenerationStatus.FAILED:
            raise ApplicationError(
                SENTENCES.get(code or "", SENTENCES["INTERNAL"]), outcome, type=code, non_retryable=True
            )
        return outcome

    def _missing_because(self) -> str | None:
        """The reason the batch was stopped, unless that came too late, or what its items failed of most."""
        reason = self._gate.reason
        codes = Counter(outcome.error_code for outcome in self._board.outcomes.values() if outcome.error_code)
        if reason not in {None, RENEW} and (self._board.unfinished or reason in codes):
            return reason
        return codes.most_common(1)[0][0] if codes else None

    async def _set_paused_or_fail(self, status: GenerationStatus) -> None:
        if not await self._set_paused(status):
            raise ApplicationError("The generation is already over.", type="CONFLICT", non_retryable=True)

    async def _set_paused(self, status: GenerationStatus) -> bool:
        """One change at a time, so that the row ends as the last one said. False once it is over."""
        async with self._noting:
            if self._board.status.terminal or self._gate.reason:
                return False
            paused = status is GenerationStatus.PAUSED
            if paused == self._gate.paused:
                return True
            self._gate.paused = paused
            self._board.paused(paused)
            self._display.update()
            await steps.note_status(
                StatusChange(
                    generation_id=self._order.generation_id, user_id=self._order.user_id, status=status
                )
            )
            return True

    async def _answered(self) -> None:
        await self._uncancelled(workflow.wait_condition(workflow.all_handlers_finished))

    async def _uncancelled(self, step: Coroutine[Any, Any, T]) -> T:
        return await to_the_end(step, lambda: self._gate.close(CANCELLED))
