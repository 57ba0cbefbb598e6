"""What lies in the storage and belongs to nothing."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from schema.tables.columns import created


class StorageOrphan(SQLModel, table=True):
    """An object that nothing referred to when it was looked at. It goes once it has been so for a while."""

    __tablename__ = "storage_orphans"

    key: str = Field(primary_key=True)
    found_at: datetime = created()
