"""The pose library, its categories, and what users ask of it."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Column, Computed, Index, TextClause, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlmodel import Field, SQLModel

from schema.kinds import Difficulty, Gender, PoseRequestStatus, UseCase
from schema.tables.columns import at_least, created, document, moment, one_of, reference, words


class PoseCategory(SQLModel, table=True):
    __tablename__ = "pose_categories"

    id: str = Field(primary_key=True)
    name: str
    parent_id: str | None = reference("pose_categories.id", on_delete="RESTRICT", default=None, index=True)
    description: str | None = None
    position: int = 0


LAST_ID = text("id DESC")
"""Read backwards, these indexes give the largest value first and equal ones in the order of their ids."""


def _of_visible(name: str, *columns: str | TextClause) -> Index:
    """Only what users may see is ever listed."""
    return Index(f"pose_library_{name}", *columns, postgresql_where=text("is_public AND retired_at IS NULL"))


class Pose(SQLModel, table=True):
    """`content_hash` tells the seeding what changed; the database keeps `popularity_score` and `search`.

    With a project it is that project's own pose, seen by nobody else. Once `edited_at` is set an admin's word
    counts, and the seeding leaves the pose alone.
    """

    __tablename__ = "pose_library"
    __table_args__ = (
        one_of("difficulty", Difficulty),
        one_of("gender_suitability", Gender),
        at_least("usage_count", 0),
        at_least("favorite_count", 0),
        CheckConstraint("jsonb_array_length(keypoints) = 18", name="keypoints_18"),
        CheckConstraint("(category_id IS NULL) = (project_id IS NOT NULL)", name="category_or_project"),
        CheckConstraint("project_id IS NULL OR NOT is_public", name="custom_is_private"),
        Index(
            "pose_library_of_project",
            "project_id",
            "created_at",
            "id",
            postgresql_where=text("project_id IS NOT NULL"),
        ),
        Index("pose_library_tags", "tags", postgresql_using="gin"),
        _of_visible("counts", "category_id", "difficulty", "gender_suitability", "is_featured", "is_premium"),
        _of_visible("by_relevance", "is_featured", "popularity_score", LAST_ID),
        _of_visible("by_popularity", "popularity_score", LAST_ID),
        _of_visible("by_time", "created_at", LAST_ID),
        _of_visible("by_name", text("lower(name::text)"), "id"),
        _of_visible("by_rating", "rating_avg", LAST_ID),
        _of_visible("by_usage", "usage_count", LAST_ID),
        Index("pose_library_by_change", "updated_at"),
    )

    id: str = Field(primary_key=True)
    name: str
    description: str
    category_id: str | None = reference("pose_categories.id", on_delete="RESTRICT", default=None, index=True)
    project_id: str | None = reference("pose_generator_projects.id", on_delete="CASCADE", default=None)
    keypoints: list[list[float] | None] = document(nullable=False)
    preview_image_key: str | None = None
    reference_image_key: str | None = None
    controlnet_image_key: str | None = None
    thumbnail_key: str | None = None
    difficulty: str = Difficulty.BEGINNER
    gender_suitability: str = Gender.UNISEX
    tags: list[str] = words()
    source_type: str = "original"
    source_credit: str | None = None
    license_type: str = "CC0-1.0"
    usage_count: int = 0
    favorite_count: int = 0
    rating_avg: float = 0
    popularity_score: float = 0
    is_public: bool = True
    is_featured: bool = False
    is_premium: bool = False
    content_hash: str | None = None
    edited_at: datetime | None = moment()
    retired_at: datetime | None = moment()
    created_at: datetime = created()
    updated_at: datetime = created()


SEARCH = Column(
    "search",
    TSVECTOR,
    Computed(
        "setweight(to_tsvector('simple', name), 'A') || setweight(to_tsvector('simple', joined(tags)), 'B') "
        "|| setweight(to_tsvector('simple', description), 'C')",
        persisted=True,
    ),
)
"""A column for queries only: no pose that is read carries it along."""
SQLModel.metadata.tables["pose_library"].append_column(SEARCH)
Index("pose_library_search", SEARCH, postgresql_using="gin")


class PoseWord(SQLModel, table=True):
    """Every word of the public poses, kept by the database: what a mistyped one may have meant."""

    __tablename__ = "pose_words"
    __table_args__ = (
        Index("pose_words_similar", "word", postgresql_using="gin", postgresql_ops={"word": "gin_trgm_ops"}),
    )

    word: str = Field(primary_key=True)


class PoseFavorite(SQLModel, table=True):
    __tablename__ = "pose_favorites"

    user_id: str = reference("users.id", on_delete="CASCADE", primary_key=True)
    pose_id: str = reference("pose_library.id", on_delete="CASCADE", primary_key=True, index=True)
    created_at: datetime = created()


class PoseRequest(SQLModel, table=True):
    __tablename__ = "pose_requests"
    __table_args__ = (
        one_of("status", PoseRequestStatus),
        one_of("use_case", UseCase),
        at_least("vote_count", 0),
        Index("pose_requests_by_votes", "vote_count", "created_at", "id"),
        Index(
            "pose_requests_of_image",
            "reference_image_id",
            postgresql_where=text("reference_image_id IS NOT NULL"),
        ),
    )

    id: str = Field(primary_key=True)
    user_id: str = reference("users.id", on_delete="CASCADE", index=True)
    pose_name: str
    description: str
    reference_image_id: str | None = reference("uploads.id", on_delete="NO ACTION", default=None)
    category_id: str | None = reference("pose_categories.id", on_delete="SET NULL", default=None)
    use_case: str | None = None
    status: str = PoseRequestStatus.PENDING
    vote_count: int = 0
    admin_notes: str | None = None
    completed_pose_id: str | None = reference("pose_library.id", on_delete="SET NULL", default=None)
    created_at: datetime = created()


class PoseRequestVote(SQLModel, table=True):
    __tablename__ = "pose_request_votes"
    __table_args__ = (UniqueConstraint("request_id", "user_id"),)

    id: int | None = Field(default=None, primary_key=True)
    request_id: str = reference("pose_requests.id", on_delete="CASCADE")
    user_id: str = reference("users.id", on_delete="CASCADE", index=True)
    created_at: datetime = created()
