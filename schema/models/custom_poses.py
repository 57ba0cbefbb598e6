"""A project's own poses: 18 keypoints as OpenPose writes them, and the answers."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import AliasChoices, BaseModel, Field, model_validator

from schema.models.base import NUMBER, ApiModel, Name, Pagination, Text, UrlOf
from schema.models.library import picture_urls
from schema.pose import Point
from schema.prompts import MAX_LENGTH, MIN_LENGTH
from schema.tables import Pose

Flat = Annotated[list[Annotated[float, Field(strict=True)]], Field(max_length=1000)]
"""x, y and score in pixels, joint after joint; what may be wrong with a number is said with its joint."""
CanvasSide = Annotated[int, Field(ge=64, le=8192), NUMBER]
STANDING = [
    256, 78, 1, 256, 128, 1, 216, 130, 1, 204, 198, 1, 200, 262, 1, 296, 130, 1, 308, 198, 1, 312, 262, 1,
    234, 256, 1, 232, 350, 1, 230, 440, 1, 278, 256, 1, 280, 350, 1, 282, 440, 1, 248, 70, 1, 264, 70, 1,
    240, 74, 1, 272, 74, 1,
]  # fmt: skip


class OpenPosePerson(BaseModel):
    pose_keypoints_2d: Flat


class OpenPoseDocument(BaseModel):
    """OpenPose's own JSON with one person, or that person's numbers alone. Faces and hands are ignored."""

    people: Annotated[list[OpenPosePerson], Field(max_length=100)] | None = None
    pose_keypoints_2d: Flat | None = None
    canvas_width: Annotated[CanvasSide, Field(validation_alias=AliasChoices("canvas_width", "width"))]
    canvas_height: Annotated[CanvasSide, Field(validation_alias=AliasChoices("canvas_height", "height"))]

    @model_validator(mode="after")
    def _one_person(self) -> Self:
        if (self.people is None) == (self.pose_keypoints_2d is None):
            raise ValueError("give either people or pose_keypoints_2d")
        if self.people is not None and len(self.people) != 1:
            raise ValueError(f"people: must be exactly one person, not {len(self.people)}")
        return self

    @property
    def flat(self) -> list[float]:
        person = self.people[0] if self.people else self
        return person.pose_keypoints_2d or []


ScoreLimit = Annotated[
    float, Field(ge=0, le=1, description="Joints with a lower score are taken as not visible."), NUMBER
]


class CustomPoseDraft(ApiModel):
    name: Name
    description: Annotated[Text, Field(min_length=MIN_LENGTH, max_length=MAX_LENGTH)] | None = Field(
        None, description="The pose in words, for the prompt. Without it the name serves."
    )
    openpose: OpenPoseDocument = Field(
        examples=[
            {"people": [{"pose_keypoints_2d": STANDING}], "canvas_width": 512, "canvas_height": 512},
            {"pose_keypoints_2d": STANDING, "width": 512, "height": 512},
        ]
    )
    score_limit: ScoreLimit = 0.3


class CustomPoseView(ApiModel):
    id: str
    project_id: str
    name: str
    description: str
    keypoints: list[Point | None]
    """18 OpenPose joints as x, y in 0..1 of a square frame in which the canvas is centred."""
    preview_image_url: str | None
    reference_image_url: str | None
    controlnet_image_url: str | None
    thumbnail_url: str | None
    usage_count: int
    created_at: datetime

    @classmethod
    def of(cls, row: Pose, url: UrlOf) -> Self:
        return cls.model_validate(row.model_dump() | picture_urls(row, url))


class CustomPoseAnswer(ApiModel):
    pose: CustomPoseView


class CustomPosesAnswer(ApiModel):
    poses: list[CustomPoseView]
    pagination: Pagination
