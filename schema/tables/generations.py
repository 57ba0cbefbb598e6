"""Projects, generations and their items."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from schema.kinds import AvatarSource, GenerationStatus, GenerationType, ItemStatus, ProjectStatus
from schema.tables.columns import at_least, created, document, moment, one_of, reference, words


class Project(SQLModel, table=True):
    __tablename__ = "pose_generator_projects"
    __table_args__ = (
        one_of("status", ProjectStatus),
        one_of("avatar_source", AvatarSource),
        Index("projects_of_user", "user_id", "created_at", "id"),
        Index("projects_of_image", "avatar_image_id", postgresql_where=text("avatar_image_id IS NOT NULL")),
    )

    id: str = Field(primary_key=True)
    user_id: str = reference("users.id", on_delete="CASCADE")
    project_name: str
    description: str | None = None
    status: str = ProjectStatus.ACTIVE
    avatar_source: str = AvatarSource.AVATAR_CREATOR
    avatar_id: str | None = reference("avatars.id", on_delete="SET NULL", default=None, index=True)
    avatar_image_id: str | None = reference("uploads.id", on_delete="NO ACTION", default=None)
    total_generations: int = 0
    total_poses: int = 0
    created_at: datetime = created()
    updated_at: datetime = created()


class Generation(SQLModel, table=True):
    """Written by the charge, so a generation that has a row has paid. Settled once, then never changed."""

    __tablename__ = "pose_generations"
    __table_args__ = (
        one_of("status", GenerationStatus),
        one_of("generation_type", GenerationType),
        CheckConstraint("total_expected_poses BETWEEN 1 AND 500", name="total_expected_poses_range"),
        CheckConstraint("poses_completed + poses_failed <= total_expected_poses", name="counts_fit"),
        CheckConstraint("credit_refunded BETWEEN 0 AND credit_charged", name="refund_within_charge"),
        CheckConstraint("quota_returned BETWEEN 0 AND quota_charged", name="quota_within_charge"),
        CheckConstraint("credit_charged = 0 OR quota_charged = 0", name="paid_one_way"),
        CheckConstraint(
            "(settled_at IS NULL) = (status IN ('pending', 'processing', 'paused'))",
            name="settled_is_terminal",
        ),
        at_least("poses_completed", 0),
        at_least("poses_failed", 0),
        at_least("credit_charged", 0),
        at_least("quota_charged", 0),
        at_least("item_price_credits", 0),
        CheckConstraint(
            "quota_charged = total_expected_poses"
            " OR credit_charged = item_price_credits * total_expected_poses",
            name="paid_in_full",
        ),
        CheckConstraint(
            "settled_at IS NULL OR poses_completed + poses_failed = total_expected_poses",
            name="settled_is_whole",
        ),
        CheckConstraint(
            "settled_at IS NULL OR CASE WHEN quota_charged > 0"
            " THEN quota_charged - quota_returned >= poses_completed"
            " ELSE credit_charged - credit_refunded = item_price_credits * poses_completed END",
            name="settled_is_fair",
        ),
        Index("generations_of_user", "user_id", "created_at", "id"),
        Index("generations_of_user_by_status", "user_id", "status", "created_at", "id"),
        Index("generations_of_project", "project_id", "created_at", "id"),
        Index("generations_by_time", "created_at"),
        Index("generations_by_end", "settled_at"),
        Index("generations_running", "user_id", "id", postgresql_where=text("settled_at IS NULL")),
        Index(
            "generations_of_image", "avatar_image_id", postgresql_where=text("avatar_image_id IS NOT NULL")
        ),
        Index("generations_of_avatar", "avatar_id", postgresql_where=text("avatar_id IS NOT NULL")),
        Index("generations_retried", "retry_of", postgresql_where=text("retry_of IS NOT NULL")),
    )

    id: str = Field(primary_key=True)
    user_id: str = reference("users.id", on_delete="CASCADE")
    project_id: str = reference("pose_generator_projects.id", on_delete="CASCADE")
    generation_type: str
    status: str = GenerationStatus.PENDING
    text_prompt: str | None = None
    prompt: str | None = None
    batch_size: int
    output_formats: list[str] = words()
    seed: int = Field(sa_type=BigInteger)
    background: dict[str, Any] | None = document(default=None)
    avatar_id: str | None = reference("avatars.id", on_delete="SET NULL", default=None)
    avatar_image_id: str | None = reference("uploads.id", on_delete="SET NULL", default=None)
    webhook_url: str | None = None
    webhook_events: list[str] = words()
    retry_of: str | None = reference("pose_generations.id", on_delete="SET NULL", default=None)
    total_expected_poses: int
    poses_completed: int = 0
    poses_failed: int = 0
    """Failed and cancelled items alike: those that were refunded."""
    item_price_credits: int
    credit_charged: int = 0
    credit_refunded: int = 0
    quota_charged: int = 0
    quota_returned: int = 0
    quota_window_ends_at: datetime | None = moment()
    generated_pose_structure: dict[str, Any] | None = document(default=None)
    error_code: str | None = None
    progress_version: int = 0
    estimated_completion_at: datetime = created()
    created_at: datetime = created()
    settled_at: datetime | None = moment()


class PoseSelection(SQLModel, table=True):
    """A pose as it was when it was paid for: later changes of the library do not reach a generation."""

    __tablename__ = "pose_selections"
    __table_args__ = (UniqueConstraint("generation_id", "pose_id"), at_least("variations", 1))

    generation_id: str = reference("pose_generations.id", on_delete="CASCADE", primary_key=True)
    position: int = Field(primary_key=True)
    pose_id: str | None = reference("pose_library.id", on_delete="SET NULL", default=None, index=True)
    name: str
    description: str
    keypoints: list[list[float] | None] | None = document(default=None)
    variations: int


class Item(SQLModel, table=True):
    """Inserted once, when its fate is known: whoever inserts first decides between delivered and refunded."""

    __tablename__ = "generated_poses"
    __table_args__ = (
        UniqueConstraint("generation_id", "index"),
        one_of("status", ItemStatus),
        CheckConstraint("index BETWEEN 0 AND 499", name="index_range"),
        CheckConstraint("(status = 'completed') = (image_key IS NOT NULL)", name="delivered_has_picture"),
        CheckConstraint("(status = 'completed') = (error_code IS NULL)", name="failed_has_code"),
        CheckConstraint("status <> 'completed' OR credit_refunded = 0", name="delivered_not_refunded"),
        at_least("credit_refunded", 0),
        Index(
            "items_delivered_by_time",
            "created_at",
            postgresql_include=["generation_time_ms", "pose_id"],
            postgresql_where=text("status = 'completed'"),
        ),
        Index(
            "items_undelivered_by_time",
            "created_at",
            postgresql_include=["error_code", "provider"],
            postgresql_where=text("status <> 'completed'"),
        ),
        Index("items_favorite", "generation_id", postgresql_where=text("is_favorite")),
    )

    id: str = Field(primary_key=True)
    generation_id: str = reference("pose_generations.id", on_delete="CASCADE")
    index: int
    position: int
    pose_id: str | None = reference("pose_library.id", on_delete="SET NULL", default=None, index=True)
    variation: int
    status: str
    version: int | None = None
    """The progress version at which clients saw it; known once the generation is settled."""
    attempt: int = 1
    image_key: str | None = None
    original_image_key: str | None = None
    thumbnail_key: str | None = None
    map_key: str | None = None
    exports: dict[str, Any] = document(default_factory=dict, nullable=False)
    prompt_used: str | None = None
    seed_used: int | None = Field(default=None, sa_type=BigInteger)
    controlnet_weight: float | None = None
    provider: str | None = None
    model: str | None = None
    generation_time_ms: int | None = None
    error_code: str | None = None
    credit_refunded: int = 0
    is_favorite: bool = False
    download_count: int = 0
    created_at: datetime = created()
