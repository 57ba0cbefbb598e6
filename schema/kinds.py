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


class PictureCheck(StrEnum):
    """Who looks at finished pictures before they are delivered."""

    OFF = "off"
    MODEL = "model"
    PROVIDER = "provider"


class ColourScale(StrEnum):
    """How a net wants its colours."""

    CENTRED = "centred"
    """From -1 to 1, as most vision transformers."""
    UNIT = "unit"
    """From 0 to 1."""
    IMAGENET = "imagenet"
    """Less the mean of ImageNet's pictures, by their deviation."""
    CAFFE = "caffe"
    """Blue first, less a mean, as Yahoo's open_nsfw."""


class ChangeStatus(StrEnum):
    """Of a background that is changed afterwards."""

    PENDING = "pending"
    COMPLETED = "completed"
    FAILED = "failed"
    """And given back."""


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


class AvatarGender(StrEnum):
    FEMALE = "female"
    MALE = "male"
    NON_BINARY = "non-binary"


class AgeRange(StrEnum):
    """Of grown-ups only: nobody else is made pictures of."""

    FROM_18 = "18-24"
    FROM_25 = "25-34"
    FROM_35 = "35-44"
    FROM_45 = "45-54"
    FROM_55 = "55-64"
    FROM_65 = "65+"


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


class WebhookEvent(StrEnum):
    """What a receiver may ask to be told of."""

    GENERATION_COMPLETED = "generation.completed"
    GENERATION_FAILED = "generation.failed"
    GENERATION_CANCELLED = "generation.cancelled"
    ITEM_COMPLETED = "item.completed"


ENDS = {
    GenerationStatus.COMPLETED: WebhookEvent.GENERATION_COMPLETED,
    GenerationStatus.PARTIAL: WebhookEvent.GENERATION_COMPLETED,
    GenerationStatus.FAILED: WebhookEvent.GENERATION_FAILED,
    GenerationStatus.CANCELLED: WebhookEvent.GENERATION_CANCELLED,
}


class DeliveryStatus(StrEnum):
    """Of a message to a receiver. Delivered is for ever, whatever a later redelivery meets."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"


class DeliveryFault(StrEnum):
    """Why a receiver did not get a message, or why nobody knows."""

    BAD_STATUS = "BAD_STATUS"
    REDIRECTED = "REDIRECTED"
    GONE = "GONE"
    TIMEOUT = "TIMEOUT"
    UNREACHABLE = "UNREACHABLE"
    ADDRESS_REFUSED = "ADDRESS_REFUSED"
    URL_DISABLED = "URL_DISABLED"
    SECRET_UNREADABLE = "SECRET_UNREADABLE"  # noqa: S105 - a word, not a secret
    INTERRUPTED = "INTERRUPTED"
    STOPPED = "STOPPED"

    @property
    def final(self) -> bool:
        """Trying again could not help."""
        return self in FINAL_FAULTS


FINAL_FAULTS = frozenset({DeliveryFault.GONE, DeliveryFault.ADDRESS_REFUSED, DeliveryFault.URL_DISABLED})
