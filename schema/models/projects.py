"""Projects: a user's folders of generations."""

from datetime import datetime
from typing import Literal, Self

from schema.kinds import AvatarSource, ProjectStatus
from schema.models.base import (
    ApiModel,
    Name,
    Pagination,
    Paragraph,
    PictureSource,
    Reference,
    UrlOf,
    upload_url,
)
from schema.tables import Project


class ProjectDraft(ApiModel):
    project_name: Name
    description: Paragraph | None = None
    avatar_source: AvatarSource = AvatarSource.AVATAR_CREATOR
    avatar_id: Reference | None = None
    avatar_image_url: PictureSource | None = None


class ProjectChange(ApiModel):
    """Only the fields that are given change."""

    project_name: Name | None = None
    description: Paragraph | None = None
    status: Literal[ProjectStatus.ACTIVE, ProjectStatus.ARCHIVED] | None = None
    avatar_source: AvatarSource | None = None
    avatar_id: Reference | None = None
    avatar_image_url: PictureSource | None = None

    @property
    def values(self) -> dict[str, object]:
        """What can be emptied is emptied by null; for the rest null means unchanged."""
        optional = ("description", "avatar_id", "avatar_image_url")
        given = self.model_dump(exclude_unset=True)
        return {name: value for name, value in given.items() if value is not None or name in optional}


class ProjectView(ApiModel):
    id: str
    project_name: str
    description: str | None
    status: ProjectStatus
    avatar_source: AvatarSource
    avatar_id: str | None
    avatar_image_id: str | None
    avatar_image_url: str | None
    total_generations: int
    total_poses: int
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, row: Project, url: UrlOf) -> Self:
        image_url = upload_url(url, row.user_id, row.avatar_image_id)
        return cls.model_validate(row.model_dump() | {"avatar_image_url": image_url})


class ProjectAnswer(ApiModel):
    project: ProjectView


class ProjectsAnswer(ApiModel):
    projects: list[ProjectView]
    pagination: Pagination
