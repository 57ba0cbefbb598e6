"""One picture of a generation, and changing what its owner may change."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from schema.errors import SENTENCES
from schema.kinds import ItemStatus
from schema.models.backgrounds import ChangeView
from schema.models.base import ApiModel, Flag, Text, UrlOf, optional_url
from schema.tables import Generation, Item


class ExportView(ApiModel):
    url: str
    media_type: str
    width: int
    height: int
    bytes: int
    sha256: str


class ItemView(ApiModel):
    id: str
    generation_id: str
    index: int
    pose_id: str | None
    variation: int
    status: ItemStatus
    output_image_url: str | None
    original_image_url: str | None
    thumbnail_url: str | None
    controlnet_image_url: str | None
    exports: dict[str, ExportView]
    """By the name of the format."""
    missing_exports: list[str]
    """Formats that were ordered and could not be made; known once the generation is over."""
    prompt_used: str | None
    seed_used: int | None
    controlnet_weight: float | None
    provider: str | None
    model: str | None
    generation_time: int | None
    """Milliseconds."""
    attempt: int
    error_code: str | None
    error: str | None
    credit_refunded: int
    is_favorite: bool
    download_count: int
    created_at: datetime

    @classmethod
    def of(cls, row: Item, url: UrlOf, generation: Generation) -> "ItemView":
        return cls.model_validate(
            row.model_dump(exclude={"exports"})
            | {
                "output_image_url": optional_url(url, row.image_key),
                "original_image_url": optional_url(url, row.original_image_key),
                "thumbnail_url": optional_url(url, row.thumbnail_key),
                "controlnet_image_url": optional_url(url, row.map_key),
                "exports": {name: file | {"url": url(file["key"])} for name, file in row.exports.items()},
                "missing_exports": _missing(row, generation),
                "generation_time": row.generation_time_ms,
                "error": SENTENCES.get(row.error_code) if row.error_code else None,
            }
        )


def _missing(row: Item, generation: Generation) -> list[str]:
    over = row.status == ItemStatus.COMPLETED and generation.settled_at is not None
    return [name for name in generation.output_formats if over and name not in row.exports]


class ItemAnswer(ApiModel):
    pose: ItemView
    background_change: ChangeView | None = None
    """The latest one, for `GET /poses/{itemId}`."""


class ItemChange(ApiModel):
    is_favorite: Flag


class ExportOrder(ApiModel):
    format_name: Annotated[Text, Field(max_length=64, examples=["instagram_story"])]
    """A name or alias of GET /formats, ordered or not."""


class DownloadOrder(ApiModel):
    format_name: Annotated[Text, Field(max_length=64, examples=["tiktok"])] = "original"
    """A name or alias of GET /formats; without it the picture as it was generated."""


class DownloadAnswer(ApiModel):
    url: str
    """Signed; the browser saves what it gives under `fileName`."""
    file_name: str
    download_count: int
    """How often the picture has been downloaded, this time included."""
