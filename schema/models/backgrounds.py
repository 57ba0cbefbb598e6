"""What a picture's background is to be."""

from datetime import datetime
from typing import Annotated

from pydantic import Field
from typing_extensions import TypeAliasType

from schema.errors import SENTENCES
from schema.kinds import BackgroundMode, ChangeStatus
from schema.models.base import ApiModel, Text, UrlOf, optional_url
from schema.tables import BackgroundChange

Colour = Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$", examples=["#FFFFFF"])]


class BackgroundFields(ApiModel):
    """The mode says which of the others counts."""

    background_mode: BackgroundMode | None = None
    background_color: Annotated[Colour | None, Field(description="For `solid_color`.")] = None
    background_prompt: Annotated[
        Text | None,
        Field(max_length=300, description="For `ai_generate`: one is made for all items."),
    ] = None
    background_image_url: Annotated[
        Text | None,
        Field(max_length=2048, description="For `upload`: the id of an upload, or an https URL."),
    ] = None


class BackgroundView(ApiModel):
    mode: BackgroundMode
    color: str | None = None
    prompt: str | None = None
    image: str | None = None
    """The id of the upload."""


class ChangeWish(BackgroundFields):
    """Another background for a delivered picture."""

    background_mode: BackgroundMode


class ChangeAnswer(ApiModel):
    change_id: str
    pose_id: str
    """The item's id."""
    status: ChangeStatus
    credit_charged: int
    message: str


class ChangePrice(ApiModel):
    valid: bool
    credit_cost: int
    balance: int
    affordable: bool


class ChangeView(ApiModel):
    id: str
    status: ChangeStatus
    background: BackgroundView
    credit_charged: int
    credit_refunded: int
    quota_charged: int
    before_image_url: str | None
    image_url: str | None
    error_code: str | None
    error: str | None
    created_at: datetime
    ended_at: datetime | None

    @classmethod
    def of(cls, row: BackgroundChange, url: UrlOf) -> "ChangeView":
        return cls.model_validate(
            row.model_dump()
            | {
                "before_image_url": optional_url(url, row.before_image_key),
                "image_url": optional_url(url, row.image_key),
                "error": SENTENCES.get(row.error_code) if row.error_code else None,
            }
        )


BackgroundAnswer = TypeAliasType("BackgroundAnswer", ChangeAnswer | ChangePrice)
"""Of one operation, so one type."""


class ChangesAnswer(ApiModel):
    backgrounds: list[ChangeView]
