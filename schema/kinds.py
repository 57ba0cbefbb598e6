"""The closed sets of words that the API, the workflows and the tables share."""

from enum import StrEnum


class GenerationType(StrEnum):
    GALLERY_REFERENCE = "GALLERY_REFERENCE"
    TEXT_DESCRIPTION = "TEXT_DESCRIPTION"


class GenerationStatus(StrEnum):
    PENDING = "pending"
    PROCESSING = "processing"
    PAUSED = "paused"
    COMPLETED = "completed"
    PARTIAL = "partial"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def terminal(self) -> bool:
        return self in TERMINAL


TERMINAL = frozenset(
    {
        GenerationStatus.COMPLETED,
        GenerationStatus.PARTIAL,
        GenerationStatus.FAILED,
        GenerationStatus.CANCELLED,
    }
)


class ItemStatus(StrEnum):
    """An item has a row only once its fate is known, and that never changes."""

    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class BackgroundMode(StrEnum):
    AI_GENERATE = "ai_generate"
    SOLID_COLOR = "solid_color"
    UPLOAD = "upload"


class LedgerType(StrEnum):
    GRANT = "grant"
    CHARGE = "charge"
    REFUND = "refund"
    ADJUSTMENT = "adjustment"


class Role(StrEnum):
    USER = "user"
    ADMIN = "admin"


class ProjectStatus(StrEnum):
    ACTIVE = "active"
    ARCHIVED = "archived"
    DELETED = "deleted"


class AvatarSource(StrEnum):
    AVATAR_CREATOR = "AVATAR_CREATOR"
    UPLOAD = "UPLOAD"


class UploadPurpose(StrEnum):
    AVATAR = "avatar"
    BACKGROUND = "background"
    REFERENCE = "reference"
    """What a requested pose should look like."""


class Difficulty(StrEnum):
    BEGINNER = "beginner"
    INTERMEDIATE = "intermediate"
    ADVANCED = "advanced"


class Gender(StrEnum):
    MALE = "male"
    FEMALE = "female"
    UNISEX = "unisex"


class PoseRequestStatus(StrEnum):
    PENDING = "pending"
    APPROVED = "approved"
    IN_PROGRESS = "in_progress"
    REJECTED = "rejected"
    COMPLETED = "completed"


class UseCase(StrEnum):
    """What a requested pose is for."""

    ECOMMERCE = "e-commerce"
    PROFESSIONAL = "professional"
    SOCIAL = "social"
