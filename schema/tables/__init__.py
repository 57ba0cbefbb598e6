"""Tables by area. Importing this package registers them all on SQLModel's metadata."""

from schema.tables.accounts import Avatar, AvatarUsage, User
from schema.tables.backgrounds import BackgroundChange
from schema.tables.figures import UserDay, UserPose
from schema.tables.generations import Generation, Item, PoseSelection, Project
from schema.tables.ledger import IdempotencyKey, LedgerEntry
from schema.tables.library import Pose, PoseCategory, PoseFavorite, PoseRequest, PoseRequestVote
from schema.tables.limits import ItemBucket
from schema.tables.orphans import StorageOrphan
from schema.tables.sharing import Share
from schema.tables.uploads import Upload
from schema.tables.webhooks import WebhookAttempt, WebhookDelivery, WebhookSecret, WebhookSettings

__all__ = [
    "Avatar",
    "AvatarUsage",
    "BackgroundChange",
    "Generation",
    "IdempotencyKey",
    "Item",
    "ItemBucket",
    "LedgerEntry",
    "Pose",
    "PoseCategory",
    "PoseFavorite",
    "PoseRequest",
    "PoseRequestVote",
    "PoseSelection",
    "Project",
    "Share",
    "StorageOrphan",
    "Upload",
    "User",
    "UserDay",
    "UserPose",
    "WebhookAttempt",
    "WebhookDelivery",
    "WebhookSecret",
    "WebhookSettings",
]
