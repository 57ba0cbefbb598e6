"""Library poses as admins write them, under the rules that the shipped ones keep."""

from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from schema.kinds import Difficulty, Gender
from schema.models.base import ApiModel, Flag, Reference, Text
from schema.models.custom_poses import OpenPoseDocument, ScoreLimit
from schema.models.library import PoseDetail

Coordinate = Annotated[float, Field(strict=True, allow_inf_nan=True)]
"""What may be wrong with it is said with the name of its joint."""
PoseName = Annotated[Text, Field(min_length=3, max_length=80)]
Description = Annotated[
    Text,
    Field(min_length=20, max_length=400, description="In words that a text-to-image model understands."),
]
Tags = Annotated[
    list[Annotated[Text, Field(min_length=1, max_length=40)]], Field(min_length=2, max_length=20)
]
Credit = Annotated[Text, Field(max_length=200)]
Licence = Annotated[Text, Field(min_length=1, max_length=60)]
POSTURE = {"hands": {"to": "pocket", "forward": 0.02, "up": -0.015, "elbow": 10}}
BODIES = ("keypoints", "openpose", "posture")


class _Body(ApiModel):
    """The figure, in one of three ways."""

    keypoints: Annotated[
        list[tuple[Coordinate, Coordinate] | None] | None,
        Field(max_length=100, description="18 OpenPose joints as x, y in 0..1 of a square frame."),
    ] = None
    openpose: OpenPoseDocument | None = None
    score_limit: ScoreLimit = 0.3
    posture: Annotated[
        dict[str, Any] | None,
        Field(
            max_length=100,
            description="Joint angles and reaches, in the terms of the library's files.",
            examples=[POSTURE],
        ),
    ] = None
    camera: Annotated[
        dict[str, Any],
        Field(default_factory=dict, description="Where a posture is seen from.", examples=[{"yaw": 30}]),
    ]

    @property
    def given(self) -> list[str]:
        return [name for name in BODIES if getattr(self, name) is not None]

    def _one_way(self, allowed: tuple[int, ...]) -> Self:
        if len(self.given) not in allowed:
            raise ValueError("give the figure by one of keypoints, openpose and posture")
        if self.camera and self.posture is None:
            raise ValueError("a camera is for a posture: keypoints are seen from where they were drawn")
        return self


class LibraryPoseDraft(_Body):
    name: PoseName
    description: Description
    category_id: Reference
    tags: Tags
    difficulty: Difficulty = Difficulty.BEGINNER
    gender_suitability: Gender = Gender.UNISEX
    source_credit: Credit | None = None
    license_type: Licence = "CC0-1.0"
    is_public: Flag = True
    is_featured: Flag = False
    is_premium: Flag = False

    @model_validator(mode="after")
    def _whole(self) -> Self:
        return self._one_way((1,))

    @property
    def values(self) -> dict[str, object]:
        return self.model_dump(exclude=set(_Body.model_fields))


class LibraryPoseChange(_Body):
    """Only the fields that are given change."""

    name: PoseName | None = None
    description: Description | None = None
    category_id: Reference | None = None
    tags: Tags | None = None
    difficulty: Difficulty | None = None
    gender_suitability: Gender | None = None
    source_credit: Credit | None = None
    license_type: Licence | None = None
    is_public: Flag | None = None
    is_featured: Flag | None = None
    is_premium: Flag | None = None
    is_retired: Annotated[Flag | None, Field(description="false brings a retired pose back.")] = None

    @model_validator(mode="after")
    def _perhaps_a_body(self) -> Self:
        return self._one_way((0, 1))

    @property
    def values(self) -> dict[str, object]:
        """The credit can be emptied by null; for the rest null means unchanged."""
        given = self.model_dump(exclude=set(_Body.model_fields) | {"is_retired"}, exclude_unset=True)
        return {name: value for name, value in given.items() if value is not None or name == "source_credit"}


class AdminPoseView(PoseDetail):
    edited_at: datetime | None
    """Since then the pose is the admins' and no seeding changes it."""
    retired_at: datetime | None


class AdminPoseAnswer(ApiModel):
    pose: AdminPoseView
