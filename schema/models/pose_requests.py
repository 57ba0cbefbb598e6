"""Poses that users wish for: the wish, what becomes of it, and the votes."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from schema.kinds import PoseRequestStatus, UseCase
from schema.models.base import ApiModel, Name, Pagination, Paragraph, PictureSource, Reference, Text
from schema.prompts import MIN_LENGTH


class PoseRequestDraft(ApiModel):
    pose_name: Annotated[Name, Field(examples=["Holding an umbrella"])]
    description: Annotated[
        Text,
        Field(
            min_length=MIN_LENGTH,
            max_length=2000,
            examples=["Standing, one hand holds an open umbrella over the shoulder"],
        ),
    ]
    reference_image_url: PictureSource | None = None
    category_id: Reference | None = None
    use_case: UseCase | None = None


class PoseRequestChange(ApiModel):
    """Only the fields that are given change."""

    status: PoseRequestStatus | None = None
    admin_notes: Annotated[Paragraph | None, Field(description="Shown to everyone; null empties it.")] = None
    completed_pose_id: Annotated[
        Reference | None, Field(description="The new pose of the library; goes with `completed`.")
    ] = None


class PoseRequestView(ApiModel):
    id: str
    pose_name: str
    description: str
    reference_image_url: str | None
    category_id: str | None
    use_case: UseCase | None
    status: PoseRequestStatus
    vote_count: int
    has_voted: bool
    """The caller; whoever made the request has."""
    is_mine: bool
    admin_notes: str | None
    completed_pose_id: str | None
    created_at: datetime


class PoseRequestAnswer(ApiModel):
    request: PoseRequestView


class PoseRequestsAnswer(ApiModel):
    requests: list[PoseRequestView]
    pagination: Pagination
