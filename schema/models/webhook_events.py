"""What a receiver is told, read from the rows alone: a message is the same whoever makes it, and when."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from typing_extensions import TypeAliasType

from schema.errors import SENTENCES
from schema.kinds import GenerationStatus, ItemStatus, WebhookEvent
from schema.models.base import ApiModel, UrlOf, optional_url
from schema.models.items import ExportView
from schema.tables import Generation, Item

PING: Final = "test.ping"


@dataclass(frozen=True)
class Links:
    """How a message points at what can be read elsewhere."""

    url: UrlOf
    api_url: str


class GenerationEvent(ApiModel):
    """The end of a generation: completed (also in part), failed or cancelled."""

    generation_id: str
    project_id: str
    status: GenerationStatus
    total_expected_poses: int
    poses_completed: int
    poses_failed: int
    credit_charged: int
    credit_refunded: int
    quota_charged: int
    quota_returned: int
    error_code: str | None
    """What most of the missing pictures failed of, or why the rest was given up."""
    error: str | None
    retry_of: str | None
    created_at: datetime
    completed_at: datetime
    generation_url: str
    results_url: str

    @classmethod
    def of(cls, row: Generation, links: Links) -> "GenerationEvent":
        own_url = f"{links.api_url}/generations/{row.id}"
        return cls.model_validate(
            row.model_dump()
            | {
                "generation_id": row.id,
                "error": SENTENCES.get(row.error_code) if row.error_code else None,
                "completed_at": row.settled_at,
                "generation_url": own_url,
                "results_url": f"{own_url}/results",
            }
        )


class ItemEvent(ApiModel):
    """A picture is there, and its export files are made."""

    item_id: str
    generation_id: str
    project_id: str
    index: int
    pose_id: str | None
    variation: int
    status: ItemStatus
    output_image_url: str | None
    """Signed: it holds for a while (URL_TTL) from the first attempt on; `itemUrl` gives new ones."""
    thumbnail_url: str | None
    exports: dict[str, ExportView]
    missing_exports: list[str]
    seed_used: int | None
    item_url: str

    @classmethod
    def of(cls, row: Item, generation: Generation, links: Links) -> "ItemEvent":
        return cls.model_validate(
            row.model_dump(exclude={"exports"})
            | {
                "item_id": row.id,
                "project_id": generation.project_id,
                "output_image_url": optional_url(links.url, row.image_key),
                "thumbnail_url": optional_url(links.url, row.thumbnail_key),
                "exports": {
                    name: file | {"url": links.url(file["key"])} for name, file in row.exports.items()
                },
                "missing_exports": [name for name in generation.output_formats if name not in row.exports],
                "item_url": f"{links.api_url}/poses/{row.id}",
            }
        )


class PingEvent(ApiModel):
    """Sent when you ask for it, to see whether your receiver understands us."""

    message: str = "This is a test. Verify the signature, answer with 2xx, and all is well."


class GenerationMessage(ApiModel):
    type: Literal[
        WebhookEvent.GENERATION_COMPLETED, WebhookEvent.GENERATION_FAILED, WebhookEvent.GENERATION_CANCELLED
    ]
    timestamp: datetime
    """When it happened, not when it is sent."""
    data: GenerationEvent


class ItemMessage(ApiModel):
    type: Literal[WebhookEvent.ITEM_COMPLETED]
    timestamp: datetime
    data: ItemEvent


class PingMessage(ApiModel):
    type: Literal["test.ping"]
    timestamp: datetime
    data: PingEvent


OrderMessage = TypeAliasType("OrderMessage", GenerationMessage | ItemMessage)
"""What a generation's own URL gets."""
