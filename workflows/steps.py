"""The activities as the workflow calls them: name, queue, policy, and a summary that an operator can read.

Named by string so that the sandbox loads neither Pillow nor SQLAlchemy; a test holds the names together.
"""

from typing import Any, TypeVar, cast

from temporalio import workflow
from temporalio.exceptions import ApplicationError, FailureError

with workflow.unsafe.imports_passed_through():
    from schema.kinds import PictureCheck
    from schema.messages.changes import ApplyChange, ChangeOrder, ChangeReceipt, EndChange
    from schema.messages.fates import RefundItem, Settle, Settlement, StatusChange
    from schema.messages.orders import ChargeReceipt, GenerationInput, Plan
    from schema.messages.pictures import (
        ChangeBackground,
        CheckPicture,
        ExportedItem,
        ExportItem,
        GenerateImage,
        Matte,
        MatteImage,
        PreparedMap,
        PrepareMap,
        RawPicture,
        StoreBackdrop,
        StoredBackdrop,
        StoredItem,
        StoreItem,
    )
    from schema.webhooks import Announce, SendWebhook, SentWebhook
    from workflows import policies


T = TypeVar("T")


async def charge(order: GenerationInput) -> ChargeReceipt:
    return await take("charge", order, ChargeReceipt, f"{order.total_items} items")


async def plan(order: GenerationInput) -> Plan:
    return await perform("plan", order, Plan, policies.LEDGER, f"{len(order.picks)} poses")


async def prepare_controlnet(call: PrepareMap, summary: str) -> PreparedMap:
    return await perform("prepare_controlnet", call, PreparedMap, policies.PICTURE_WORK, summary)


async def generate_image(call: GenerateImage, summary: str) -> RawPicture:
    return await perform("generate_image", call, RawPicture, policies.PROVIDER_CALL, summary)


async def matte_image(picture_key: str, summary: str) -> Matte:
    call = MatteImage(picture_key=picture_key)
    return await perform("matte_image", call, Matte, policies.PROVIDER_CALL, f"outline of {summary}")


async def check_picture(call: CheckPicture, by: PictureCheck, summary: str) -> None:
    """Fails as OUTPUT_MODERATED for what may not be shown, as PICTURE_UNCHECKED when nobody can tell."""
    if by is PictureCheck.OFF:
        return
    policy = policies.PICTURE_WORK if by is PictureCheck.MODEL else policies.PROVIDER_CALL
    await perform(f"check_by_{by}", call, float, policy, f"check of {summary}")


async def store_backdrop(call: StoreBackdrop, summary: str) -> StoredBackdrop:
    return await perform("store_backdrop", call, StoredBackdrop, policies.PICTURE_WORK, summary)


async def change_background(call: ChangeBackground, summary: str) -> RawPicture:
    return await perform("change_background", call, RawPicture, policies.PICTURE_WORK, summary)


async def store_item(call: StoreItem, summary: str) -> StoredItem:
    return await perform("store_item", call, StoredItem, policies.PICTURE_WORK, summary)


async def export_item(call: ExportItem, summary: str) -> ExportedItem:
    return await perform("export_item", call, ExportedItem, policies.PICTURE_WORK, summary)


async def refund_item(call: RefundItem, summary: str) -> int:
    return await perform("refund_item", call, int, policies.LEDGER, summary)


async def note_status(change: StatusChange) -> None:
    await perform("note_status", change, type(None), policies.LEDGER, change.status)


async def settle(call: Settle) -> Settlement:
    return await perform("settle", call, Settlement, policies.LEDGER, call.error_code or "all delivered")


async def announce(call: Announce, summary: str) -> None:
    await perform("announce", call, type(None), policies.LEDGER, summary)


async def send_webhook(call: SendWebhook, summary: str) -> SentWebhook:
    return await perform("send_webhook", call, SentWebhook, policies.RECEIVER_CALL, summary)


async def charge_change(order: ChangeOrder) -> ChangeReceipt:
    return await take("charge_change", order, ChangeReceipt, order.item_id)


async def compose_change(call: ApplyChange) -> str:
    return await perform("compose_change", call, str, policies.PICTURE_WORK, call.color or "picture")


async def apply_change(call: ApplyChange) -> bool:
    return await perform("apply_change", call, bool, policies.PICTURE_WORK, call.color or "picture")


async def refund_change(call: EndChange) -> int:
    return await perform("refund_change", call, int, policies.LEDGER, call.error_code)


async def take(name: str, order: GenerationInput | ChangeOrder, receipt: type[T], summary: str) -> T:
    """At once is within the workflow task, since a client waits. What has no end there becomes a step of its
    own, which an operator sees being tried again; it may have happened, and then the step finds its row.
    """
    if order.at_once:
        try:
            tried = workflow.execute_local_activity(
                name, order, result_type=receipt, summary=summary, **policies.AT_ONCE
            )
            return cast("T", await tried)
        except FailureError as error:
            if isinstance(error, ApplicationError) and error.non_retryable:
                raise
    return await perform(name, order, receipt, policies.LEDGER, summary)


async def perform(name: str, call: Any, result: type[T], policy: dict[str, Any], summary: str) -> T:
    done = await workflow.execute_activity(name, call, result_type=result, summary=summary, **policy)
    return cast("T", done)
