"""Users and their avatars."""

from datetime import datetime

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from schema.kinds import AgeRange, AvatarGender, Role
from schema.tables.columns import at_least, created, moment, one_of, reference


class User(SQLModel, table=True):
    """`balance_credits` is kept by the ledger's trigger; nothing else may write it."""

    __tablename__ = "users"
    __table_args__ = (
        one_of("role", Role),
        at_least("balance_credits", 0),
        at_least("unlimited_daily_quota_items", 0),
        at_least("unlimited_used_items", 0),
    )

    id: str = Field(primary_key=True, max_length=255)
    role: str = Role.USER
    is_premium: bool = False
    balance_credits: int = 0
    unlimited_pose_active: bool = False
    unlimited_expires_at: datetime | None = moment()
    unlimited_daily_quota_items: int = 100
    unlimited_used_items: int = 0
    unlimited_window_ends_at: datetime | None = moment()
    created_at: datetime = created()


class Avatar(SQLModel, table=True):
    __tablename__ = "avatars"
    __table_args__ = (
        one_of("gender", AvatarGender),
        one_of("age_range", AgeRange),
        Index("avatars_of_user", "user_id", "created_at", "id"),
        Index("avatars_of_image", "image_id", postgresql_where=text("image_id IS NOT NULL")),
    )

    id: str = Field(primary_key=True)
    user_id: str = reference("users.id", on_delete="CASCADE")
    name: str
    gender: str | None = None
    age_range: str | None = None
    ethnicity: str | None = None
    body_type: str | None = None
    style: str | None = None
    image_id: str | None = reference("uploads.id", on_delete="NO ACTION", default=None)
    usage_count: int = 0
    created_at: datetime = created()


class AvatarUsage(SQLModel, table=True):
    __tablename__ = "avatar_usage_history"
    __table_args__ = (Index("usage_of_avatar", "avatar_id", "id"),)

    id: int | None = Field(default=None, primary_key=True)
    avatar_id: str | None = reference("avatars.id", on_delete="SET NULL", default=None)
    generation_id: str = reference("pose_generations.id", on_delete="CASCADE", unique=True)
    created_at: datetime = created()
