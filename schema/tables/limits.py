"""What users may still order in this minute."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from schema.tables.columns import created, reference


class ItemBucket(SQLModel, table=True):
    """Not logged: after a crash of the database everyone's bucket is full, and taking waits for no disk."""

    __tablename__ = "item_buckets"
    __table_args__ = {"prefixes": ["UNLOGGED"]}

    user_id: str = reference("users.id", on_delete="CASCADE", primary_key=True)
    full_at: datetime = created()
    granted: bool = Field(default=True)
    """Whether the last order got its items: lets one statement answer both."""
