"""What was sent to a user's webhook, and how it went."""

from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel

from schema.tables.columns import created, document, moment, reference


class WebhookDelivery(SQLModel, table=True):
    __tablename__ = "webhook_deliveries"

    id: str = Field(primary_key=True)
    user_id: str = reference("users.id", on_delete="CASCADE", index=True)
    generation_id: str = reference("pose_generations.id", on_delete="CASCADE", index=True)
    event: str
    url: str
    payload: dict[str, Any] = document(nullable=False)
    attempts: int = 0
    last_status: int | None = None
    last_error: str | None = None
    delivered_at: datetime | None = moment()
    created_at: datetime = created()
