"""Public links to chosen pictures."""

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel

from schema.tables.columns import created, moment, reference, words


class Share(SQLModel, table=True):
    """The link itself is nowhere: only whoever was given it knows it. Revoked is deleted."""

    __tablename__ = "shares"
    __table_args__ = (
        CheckConstraint("expires_at > created_at", name="ends_after_it_begins"),
        CheckConstraint("cardinality(item_ids) BETWEEN 1 AND 500", name="item_ids_range"),
    )

    id: str = Field(primary_key=True)
    generation_id: str = reference("pose_generations.id", on_delete="CASCADE", index=True)
    token_hash: str = Field(unique=True)
    item_ids: list[str] = words()
    allow_download: bool = False
    expires_at: datetime = moment(nullable=False)
    created_at: datetime = created()
