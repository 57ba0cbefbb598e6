"""The receipt of a generation: what was charged, what was refunded and why."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Self

from schema import ids
from schema.errors import SENTENCES
from schema.kinds import ChangeStatus, GenerationStatus, LedgerType
from schema.models.base import ApiModel
from schema.models.credits import EntryView
from schema.queries.receipts import Books
from schema.tables import BackgroundChange, Generation, LedgerEntry


class LineStatus(StrEnum):
    """An item's fate, or that it has none yet."""

    PENDING = "pending"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class ReceiptItem(ApiModel):
    index: int
    item_id: str
    pose_id: str | None
    pose_name: str
    status: LineStatus
    price: int
    """In credits; 0 when it was paid from the daily quota."""
    refunded: int
    code: str | None
    reason: str | None


class ReceiptChange(ApiModel):
    """A background that was changed afterwards."""

    id: str
    item_id: str
    status: ChangeStatus
    price: int
    refunded: int
    code: str | None
    reason: str | None
    created_at: datetime


class RefundReason(ApiModel):
    code: str
    reason: str
    count: int
    """Of pictures and changes."""
    credits: int


class ReceiptAnswer(ApiModel):
    generation_id: str
    status: GenerationStatus
    created_at: datetime
    settled_at: datetime | None
    """Null while it runs; then more may be refunded."""
    items_ordered: int
    items_delivered: int
    charged: int
    """Credits, as the ledger has them."""
    refunded: int
    paid: int
    """What was charged and not refunded."""
    quota_charged: int
    """Items taken from the daily quota of an unlimited user, in place of credits."""
    quota_returned: int
    items: list[ReceiptItem]
    changes: list[ReceiptChange]
    refunds: list[RefundReason]
    """What was not delivered, by what went wrong."""
    entries: list[EntryView]
    """Of the ledger, oldest first."""

    @classmethod
    def of(cls, books: Books) -> Self:
        generation = books.generation
        charged = -_sum(books.entries, LedgerType.CHARGE)
        refunded = _sum(books.entries, LedgerType.REFUND)
        lines, changes = list(_lines(books)), list(map(_change, books.changes))
        paid_by_quota: tuple[Generation | BackgroundChange, ...] = (generation, *books.changes)
        return cls(
            generation_id=generation.id,
            status=GenerationStatus(generation.status),
            created_at=generation.created_at,
            settled_at=generation.settled_at,
            items_ordered=generation.total_expected_poses,
            items_delivered=generation.poses_completed,
            charged=charged,
            refunded=refunded,
            paid=charged - refunded,
            quota_charged=sum(paid.quota_charged for paid in paid_by_quota),
            quota_returned=sum(paid.quota_returned for paid in paid_by_quota),
            items=lines,
            changes=changes,
            refunds=_reasons([*lines, *changes]),
            entries=[EntryView.of(entry) for entry in books.entries],
        )


def _sum(entries: Iterable[LedgerEntry], kind: LedgerType) -> int:
    return sum(entry.amount_credits for entry in entries if entry.type == kind)


def _lines(books: Books) -> Iterable[ReceiptItem]:
    generation = books.generation
    ordered = [pose for pose in books.poses for _ in range(pose.variations)]
    for index, pose in enumerate(ordered):
        item = books.items.get(index)
        yield ReceiptItem(
            index=index,
            item_id=ids.item_id(generation.id, index),
            pose_id=pose.pose_id,
            pose_name=pose.name,
            status=LineStatus(item.status if item else LineStatus.PENDING),
            price=generation.item_price_credits if generation.credit_charged else 0,
            refunded=item.credit_refunded if item else 0,
            code=item.error_code if item else None,
            reason=SENTENCES.get(item.error_code) if item and item.error_code else None,
        )


def _change(row: BackgroundChange) -> ReceiptChange:
    return ReceiptChange(
        id=row.id,
        item_id=row.item_id,
        status=ChangeStatus(row.status),
        price=row.credit_charged,
        refunded=row.credit_refunded,
        code=row.error_code,
        reason=SENTENCES.get(row.error_code) if row.error_code else None,
        created_at=row.created_at,
    )


def _reasons(lines: Iterable[ReceiptItem | ReceiptChange]) -> list[RefundReason]:
    found: dict[str, RefundReason] = {}
    for line in lines:
        if line.code:
            reason = found.setdefault(
                line.code, RefundReason(code=line.code, reason=line.reason or "", count=0, credits=0)
            )
            reason.count += 1
            reason.credits += line.refunded
    return sorted(found.values(), key=lambda reason: -reason.count)
