"""A user's balance, quota and ledger."""

from datetime import datetime

from schema.kinds import LedgerType
from schema.models.base import ApiModel
from schema.queries import quota
from schema.tables import LedgerEntry, User
from schema.tables.columns import now


class UnlimitedView(ApiModel):
    daily_quota: int
    used: int
    resets_at: datetime | None
    """Null while no window is open: the next use opens one of 24 hours."""
    expires_at: datetime | None


class CreditsAnswer(ApiModel):
    balance: int
    unlimited: UnlimitedView | None

    @classmethod
    def of(cls, user: User) -> "CreditsAnswer":
        at = now()
        unlimited = UnlimitedView(
            daily_quota=user.unlimited_daily_quota_items,
            used=quota.used_items(user, at),
            resets_at=quota.window_ends_at(user, at),
            expires_at=user.unlimited_expires_at,
        )
        return cls(balance=user.balance_credits, unlimited=unlimited if quota.unlimited(user, at) else None)


class EntryView(ApiModel):
    id: str
    amount: int
    """Positive: given to the user; negative: taken."""
    balance_after: int
    type: LedgerType
    reference_type: str
    reference_id: str
    description: str
    created_at: datetime

    @classmethod
    def of(cls, row: LedgerEntry) -> "EntryView":
        return cls.model_validate(
            row.model_dump()
            | {"id": str(row.id), "amount": row.amount_credits, "balance_after": row.balance_after_credits}
        )


class LedgerAnswer(ApiModel):
    entries: list[EntryView]
    next_cursor: str | None
