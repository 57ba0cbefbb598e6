"""Another background for one delivered picture: charge, make, or give back. The first picture is kept."""

import asyncio

from temporalio import workflow
from temporalio.common import SearchAttributeUpdate
from temporalio.exceptions import ApplicationError, FailureError

with workflow.unsafe.imports_passed_through():
    from schema.kinds import ChangeStatus, PictureCheck
    from schema.messages.changes import ApplyChange, ChangeOrder, ChangeOutcome, ChangeReceipt, EndChange
    from schema.messages.pictures import CheckPicture
    from workflows import names, steps
    from workflows.backdrop import Backdrop
    from workflows.failures import ItemFailed, failing, refusal
    from workflows.gate import CANCELLED
    from workflows.uncancelled import to_the_end

REFUSED = "refused"


@workflow.defn
class BackgroundChangeWorkflow:
    @workflow.init
    def __init__(self, order: ChangeOrder) -> None:
        self._order = order
        self._backdrop = Backdrop(order.background, order.change_id, order.seed)
        self._receipt: ChangeReceipt | None = None
        self._refusal: ApplicationError | None = None
        self._cancelled = False

    @workflow.run
    async def run(self, order: ChangeOrder) -> ChangeOutcome:
        await self._charge(order)
        await to_the_end(workflow.wait_condition(workflow.all_handlers_finished), self._cancel)
        if self._receipt is None:
            return ChangeOutcome(status=REFUSED, error_code=self._refusal.type if self._refusal else None)
        code = await self._make(order)
        refunded = await self._give_back(order, code) if code else 0
        self._show(ChangeStatus.FAILED if code else ChangeStatus.COMPLETED, code)
        if code == CANCELLED:
            raise asyncio.CancelledError
        return ChangeOutcome(
            status=ChangeStatus.FAILED if code else ChangeStatus.COMPLETED,
            credits_charged=self._receipt.credits_charged,
            credits_refunded=refunded,
            error_code=code,
        )

    @workflow.update(name=names.ACCEPTED)
    async def accepted(self) -> ChangeReceipt:
        """Answers once it is paid, or fails as the charge was refused."""
        await workflow.wait_condition(lambda: self._refusal is not None or self._receipt is not None)
        if self._refusal:
            raise self._refusal
        assert self._receipt
        return self._receipt

    async def _charge(self, order: ChangeOrder) -> None:
        try:
            self._receipt = await to_the_end(steps.charge_change(order), self._cancel)
        except FailureError as error:
            self._refusal = refusal(error)

    async def _make(self, order: ChangeOrder) -> str | None:
        """The code of why it was not made, if it was not."""
        if self._cancelled:
            return CANCELLED
        try:
            await self._changed(order)
        except ItemFailed as failure:
            return failure.code
        except asyncio.CancelledError:
            return CANCELLED
        finally:
            await to_the_end(self._backdrop.close(), self._cancel)
        return None

    async def _changed(self, order: ChangeOrder) -> None:
        assert self._receipt
        self._backdrop.treatment = self._receipt.treatment
        call = ApplyChange(
            change_id=order.change_id,
            user_id=order.user_id,
            color=self._backdrop.color,
            backdrop_key=await self._backdrop.key(),
        )
        with failing():
            call = call.model_copy(update={"matte_key": await self._outline(self._receipt)})
            call = call.model_copy(update={"composed_key": await self._looked_at(call, self._receipt)})
            await steps.apply_change(call)

    async def _outline(self, receipt: ChangeReceipt) -> str | None:
        if not receipt.treatment.matte:
            return None
        return (await steps.matte_image(receipt.picture_key, receipt.item_id)).key

    async def _looked_at(self, call: ApplyChange, receipt: ChangeReceipt) -> str | None:
        """Made once, and where nobody is to look at it together with what makes it known."""
        if receipt.treatment.check is PictureCheck.OFF:
            return None
        key = await steps.compose_change(call)
        await steps.check_picture(CheckPicture(picture_key=key), receipt.treatment.check, receipt.item_id)
        return key

    async def _give_back(self, order: ChangeOrder, code: str) -> int:
        call = EndChange(change_id=order.change_id, user_id=order.user_id, error_code=code)
        return await to_the_end(steps.refund_change(call), self._cancel)

    def _cancel(self) -> None:
        self._cancelled = True

    def _show(self, status: ChangeStatus, code: str | None) -> None:
        updates: list[SearchAttributeUpdate[str]] = [names.STATUS.value_set(status)]
        if code:
            updates.append(names.ERROR_CODE.value_set(code))
        workflow.upsert_search_attributes(updates)
