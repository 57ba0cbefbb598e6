"""Pictures that users have handed in."""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from schema import keys
from schema.kinds import UploadPurpose
from schema.tables.columns import at_least, created, one_of, reference


class Upload(SQLModel, table=True):
    """Written once its picture is stored, deleted before that is: no row ever points at nothing."""

    __tablename__ = "uploads"
    __table_args__ = (
        one_of("purpose", UploadPurpose),
        at_least("width", 1),
        at_least("height", 1),
        at_least("size_bytes", 1),
        UniqueConstraint("user_id", "purpose", "sha256"),
        Index("uploads_of_user", "user_id", "created_at", "id"),
    )

    id: str = Field(primary_key=True)
    user_id: str = reference("users.id", on_delete="CASCADE")
    purpose: str
    sha256: str
    """Of the bytes as they came: the same again are the same upload."""
    width: int
    height: int
    size_bytes: int
    created_at: datetime = created()

    @property
    def key(self) -> str:
        """Where its picture is."""
        return keys.upload(self.user_id, self.id)
