"""What a picture's background is to be."""

from typing import Annotated

from pydantic import Field

from schema.kinds import BackgroundMode
from schema.models.base import ApiModel, Text

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
