"""Where a user's events go, what was sent there, and how each attempt went."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field, SQLModel

from schema.kinds import DeliveryFault, DeliveryStatus
from schema.tables.columns import at_least, created, document, moment, one_of, reference, words


class WebhookSettings(SQLModel, table=True):
    """For generations that name no receiver of their own. Locked while a secret or a turn is taken."""

    __tablename__ = "webhook_settings"

    user_id: str = reference("users.id", on_delete="CASCADE", primary_key=True)
    url: str | None = None
    events: list[str] = words()
    disabled: dict[str, Any] = document(default_factory=dict, nullable=False)
    """URLs that answered 410 Gone, and when: nothing is sent there until one answers again."""


class WebhookSecret(SQLModel, table=True):
    """Sealed: the key is not in the database. A rotated one signs along until it expires."""

    __tablename__ = "webhook_secrets"
    __table_args__ = (
        Index(
            "webhook_secret_in_use",
            "user_id",
            unique=True,
            postgresql_where=text("expires_at IS NULL"),
        ),
        Index("webhook_secrets_of_user", "user_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    user_id: str = reference("users.id", on_delete="CASCADE")
    sealed: str
    hint: str
    created_at: datetime = created()
    expires_at: datetime | None = moment()


class WebhookDelivery(SQLModel, table=True):
    """One message. Its body is written once, so every attempt says the same."""

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        one_of("status", DeliveryStatus),
        CheckConstraint("(status = 'delivered') = (delivered_at IS NOT NULL)", name="delivered_has_time"),
        CheckConstraint("next_attempt_at IS NULL OR status = 'pending'", name="only_pending_goes_on"),
        CheckConstraint("octet_length(body) <= 262144", name="body_is_small"),
        at_least("attempts", 0),
        Index("deliveries_of_user", "user_id", "created_at", "id"),
        Index("deliveries_of_user_by_status", "user_id", "status", "created_at", "id"),
        Index("deliveries_of_user_by_event", "user_id", "event", "created_at", "id"),
        Index("deliveries_pending", "id", postgresql_where=text("status = 'pending'")),
        Index("deliveries_of_generation", "generation_id", "created_at", "id"),
    )

    id: str = Field(primary_key=True)
    user_id: str = reference("users.id", on_delete="CASCADE")
    generation_id: str | None = reference("pose_generations.id", on_delete="CASCADE", default=None)
    event: str
    url: str
    host: str
    body: str
    status: str = DeliveryStatus.PENDING
    attempts: int = 0
    last_status: int | None = None
    last_error: str | None = None
    next_attempt_at: datetime | None = moment()
    delivered_at: datetime | None = moment()
    created_at: datetime = created()


class WebhookAttempt(SQLModel, table=True):
    """Written before anything is sent: it is known how many of a user's are under way, none is forgotten."""

    __tablename__ = "webhook_attempts"
    __table_args__ = (
        one_of("error_code", DeliveryFault),
        Index(
            "attempts_under_way",
            "user_id",
            "started_at",
            postgresql_where=text("duration_ms IS NULL AND error_code IS NULL"),
        ),
    )

    delivery_id: str = reference("webhook_deliveries.id", on_delete="CASCADE", primary_key=True)
    number: int = Field(primary_key=True)
    user_id: str
    host: str
    call: str
    """Which call of which workflow run: a call that is repeated after its end is answered from here."""
    started_at: datetime = created()
    duration_ms: int | None = None
    status_code: int | None = None
    error_code: str | None = None
    response: str | None = None
    """The beginning of what the receiver said."""
