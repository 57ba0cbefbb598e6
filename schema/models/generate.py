"""Starting a generation: the order as a client writes it, and the answers."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AliasChoices, Field, field_validator
from typing_extensions import TypeAliasType

from schema import prices
from schema.kinds import GenerationStatus, GenerationType
from schema.models.backgrounds import BackgroundFields
from schema.models.base import NUMBER, ApiModel, Flag, Link, Reference, Text
from schema.models.webhooks import Events
from schema.prompts import MAX_LENGTH, MIN_LENGTH

FORMATS_NAMES = AliasChoices("outputFormats", "exportFormats", "output_formats")


class _Order(BackgroundFields):
    """What both kinds of generation share."""

    project_id: Reference
    output_formats: Annotated[
        list[Reference],
        Field(
            default_factory=list,
            max_length=prices.MAX_FORMATS,
            validation_alias=FORMATS_NAMES,
            serialization_alias="outputFormats",
            description="Names of GET /formats; `exportFormats` is accepted too.",
            examples=[["instagram_story", "tiktok", "shopee_product"]],
        ),
    ]
    avatar_id: Reference | None = None
    seed: Annotated[
        int | None,
        Field(ge=0, le=prices.MAX_SEED, description="Each item's seed follows from it; drawn if absent."),
        NUMBER,
    ] = None
    webhook_url: Link | None = Field(
        None, description="Told of this generation; without it, the URL of your webhook settings."
    )
    webhook_events: Events | None = Field(
        None, description="What it is told of: by default the three ends of a generation; [] for nothing."
    )
    use_background_changer: Annotated[
        Flag, Field(description="Without it the other background fields do not count.")
    ] = False

    @field_validator("output_formats", mode="before")
    @classmethod
    def _none_is_empty(cls, value: object) -> object:
        return [] if value is None else value


class GalleryOrder(_Order):
    """Poses chosen from the library."""

    generation_type: Literal[GenerationType.GALLERY_REFERENCE]
    selected_pose_ids: Annotated[list[Reference], Field(min_length=1, max_length=prices.MAX_POSES)]
    batch_size: Annotated[
        int, Field(ge=1, le=prices.MAX_VARIATIONS_GALLERY, description="Variations of each pose."), NUMBER
    ] = prices.DEFAULT_VARIATIONS
    prompt: Annotated[Text, Field(max_length=MAX_LENGTH, examples=["in a batik shirt"])] | None = None

    @field_validator("selected_pose_ids")
    @classmethod
    def _distinct(cls, pose_ids: list[str]) -> list[str]:
        if len(set(pose_ids)) < len(pose_ids):
            raise ValueError("poses must be distinct; ask for more variations with batchSize")
        return pose_ids

    @property
    def variations(self) -> int:
        return self.batch_size

    @property
    def total_items(self) -> int:
        return len(self.selected_pose_ids) * self.batch_size


class TextOrder(_Order):
    """A pose described in words."""

    generation_type: Literal[GenerationType.TEXT_DESCRIPTION]
    text_prompt: Annotated[
        Text,
        Field(
            min_length=MIN_LENGTH,
            max_length=MAX_LENGTH,
            examples=["standing with arms crossed, facing the camera"],
        ),
    ]
    batch_size: Annotated[int | None, Field(ge=1, le=prices.MAX_VARIATIONS_TEXT), NUMBER] = None
    variation_count: Annotated[
        int | None, Field(ge=1, le=prices.MAX_VARIATIONS_TEXT, description="The same as batchSize."), NUMBER
    ] = None

    @property
    def variations(self) -> int:
        return self.batch_size or self.variation_count or prices.DEFAULT_VARIATIONS

    @property
    def total_items(self) -> int:
        return self.variations


GenerateOrder = TypeAliasType(
    "GenerateOrder", Annotated[GalleryOrder | TextOrder, Field(discriminator="generation_type")]
)
"""A type of its own name, so that clients have one for it too."""


class GenerateAnswer(ApiModel):
    generation_id: str
    status: GenerationStatus
    total_poses_expected: int
    credit_charged: int
    estimated_completion_time: datetime
    message: str


class DryRunAnswer(ApiModel):
    valid: bool
    total_poses_expected: int
    credit_cost: int
    balance: int
    affordable: bool
    estimated_completion_time: datetime
    generated_pose_structure: dict[str, Any] | None = None
    """In text mode: the pose nearest to the words, how sure that is, and whether its map will be used."""


StartAnswer = TypeAliasType("StartAnswer", GenerateAnswer | DryRunAnswer)
"""Of one operation, so one type: clients look at what it holds, not at the status."""
