"""Whoever was told "accepted" got an end and a fair bill, and no end changed again."""

from collections.abc import Iterator
from typing import Final

from schema.kinds import ChangeStatus, ItemStatus, LedgerType
from tests.chaos.runner.facts import Facts
from tests.chaos.runner.records import ENDED

OURS: Final = frozenset({"INTERNAL", "STORAGE_UNAVAILABLE", "STOPPED", "PICTURE_UNCHECKED"})
"""Codes that no misbehaving provider explains."""


def answered(facts: Facts) -> Iterator[str]:
    """Who repeats with a key gets an answer in the end, and one and the same for all."""
    yield from (f"{who} was still not served at the end" for who in facts.waiting)
    for placed in facts.records.placed:
        if placed.key and placed.unanswered:
            yield f"{placed.what} of {placed.customer}: {placed.unanswered} requests never answered"
        if placed.key and len(set(placed.accepted)) > 1:
            yield f"{placed.what} of {placed.customer}: one key, but {sorted(set(placed.accepted))}"
        if placed.key and placed.accepted and placed.refused:
            yield f"{placed.what} of {placed.customer}: accepted, and repeated refused: {placed.refused}"


def accepted_are_kept(facts: Facts) -> Iterator[str]:
    for placed in facts.records.placed:
        for generation_id in set(placed.accepted):
            row = facts.generations.get(generation_id)
            if row is None:
                yield f"{placed.what}: accepted as {generation_id}, which the books do not know"
            elif row.credit_charged != placed.charged_credits:
                yield f"{generation_id}: told {placed.charged_credits}, charged {row.credit_charged}"


def all_ended(facts: Facts) -> Iterator[str]:
    """Those too of which nobody was told, since the answer was lost."""
    for row in facts.generations.values():
        if row.settled_at is None or row.status not in ENDED:
            yield f"{row.id} of {row.user_id} is {row.status} and not settled"
    for change in facts.changes:
        if change.status == ChangeStatus.PENDING:
            yield f"{change.id} is still pending"


def ends_stay(facts: Facts) -> Iterator[str]:
    yield from facts.records.ends.changed
    for generation_id, seen in facts.records.ends.seen.items():
        row = facts.generations.get(generation_id)
        if row is None or (row.status, row.poses_completed) != (seen["status"], seen["posesCompleted"]):
            yield f"{generation_id}: was seen {seen}, the books say {row}"


def failures_are_explained(facts: Facts) -> Iterator[str]:
    """Whatever of ours dies, nothing fails of it: only the provider can make a picture fail."""
    for item in facts.items:
        if item.status == ItemStatus.FAILED and item.error_code in OURS:
            yield f"{item.id} failed: {item.error_code}"
    for change in facts.changes:
        if change.error_code in OURS:
            yield f"{change.id} failed: {change.error_code}"


def books_agree(facts: Facts) -> Iterator[str]:
    yield from (f"audit: {finding}" for finding in facts.audit)
    for customer, account in facts.accounts.items():
        sums = account.sums
        due = sums[LedgerType.GRANT] + sums[LedgerType.CHARGE] + sums[LedgerType.REFUND]
        if not due == account.balance == account.said:
            yield f"{customer}: balance {account.balance}, told {account.said}, by the ledger {due}"
        yield from _bill(facts, customer, sums[LedgerType.CHARGE] + sums[LedgerType.REFUND])


def _bill(facts: Facts, customer: str, moved: int) -> Iterator[str]:
    mine = [row for row in facts.generations.values() if row.user_id == customer and row.credit_charged]
    price = sum(row.item_price_credits * _delivered(facts, row.id) for row in mine)
    price += sum(
        change.credit_charged
        for change in facts.changes
        if change.user_id == customer and change.status == ChangeStatus.COMPLETED
    )
    if moved != -price:
        yield f"{customer}: paid {-moved} for what costs {price}"


def _delivered(facts: Facts, generation_id: str) -> int:
    return sum(item.status == ItemStatus.COMPLETED for item in facts.items_of(generation_id))
