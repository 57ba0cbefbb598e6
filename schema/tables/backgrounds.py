"""Backgrounds that were changed after a picture was delivered."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Index, text
from sqlmodel import Field, SQLModel

from schema.kinds import ChangeStatus
from schema.tables.columns import at_least, created, document, moment, one_of, reference


class BackgroundChange(SQLModel, table=True):
    """Written by its charge, so one that exists has been paid. Ended once: done, or given back."""

    __tablename__ = "background_changes"
    __table_args__ = (
        one_of("status", ChangeStatus),
        at_least("credit_charged", 0),
        CheckConstraint("credit_charged = 0 OR quota_charged = 0", name="paid_one_way"),
        CheckConstraint("credit_refunded BETWEEN 0 AND credit_charged", name="refund_within_charge"),
        CheckConstraint("quota_returned BETWEEN 0 AND quota_charged", name="quota_within_charge"),
        CheckConstraint("(status = 'pending') = (ended_at IS NULL)", name="ended_is_final"),
        CheckConstraint("(status = 'completed') = (image_key IS NOT NULL)", name="completed_has_picture"),
        CheckConstraint("(status = 'failed') = (error_code IS NOT NULL)", name="failed_has_code"),
        CheckConstraint("status <> 'completed' OR credit_refunded = 0", name="completed_not_refunded"),
        CheckConstraint("status <> 'failed' OR credit_refunded = credit_charged", name="failed_is_refunded"),
        Index("background_changes_of_item", "item_id", "created_at", "id"),
        Index(
            "background_changes_pending",
            "item_id",
            unique=True,
            postgresql_where=text("status = 'pending'"),
        ),
        Index(
            "background_changes_of_quota",
            "user_id",
            "quota_window_ends_at",
            postgresql_where=text("quota_charged > 0"),
        ),
    )

    id: str = Field(primary_key=True)
    user_id: str = reference("users.id", on_delete="CASCADE")
    generation_id: str = reference("pose_generations.id", on_delete="CASCADE", index=True)
    item_id: str = reference("generated_poses.id", on_delete="CASCADE")
    status: str = ChangeStatus.PENDING
    background: dict[str, Any] = document(nullable=False)
    seed: int = Field(sa_type=BigInteger)
    credit_charged: int = 0
    credit_refunded: int = 0
    quota_charged: int = 0
    quota_returned: int = 0
    quota_window_ends_at: datetime | None = moment()
    before_image_key: str
    """What was shown until then."""
    image_key: str | None = None
    error_code: str | None = None
    created_at: datetime = created()
    ended_at: datetime | None = moment()
