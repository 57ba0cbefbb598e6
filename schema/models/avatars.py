"""Avatars: who is in the pictures. All but the name goes into prompts, so words are few and plain."""

import re
from datetime import datetime
from typing import Annotated, Self

from pydantic import AfterValidator, Field

from schema.kinds import AgeRange, AvatarGender, GenerationStatus
from schema.models.base import ApiModel, Name, Pagination, PictureSource, Text, UrlOf, upload_url
from schema.tables import Avatar, Generation

WORDS = re.compile(r"[^\W\d_][\w '&,/+().-]*")


def _plain(text: str) -> str:
    """Of any script, and no `pattern` says so: what a letter is, each reader of the document knows alone."""
    if not WORDS.fullmatch(text):
        raise ValueError("must be words: a letter first, then letters, digits, spaces and any of '&,/+()._-")
    return text


Words = Annotated[Text, Field(min_length=2, max_length=60), AfterValidator(_plain)]
OPTIONAL = frozenset({"gender", "age_range", "ethnicity", "body_type", "style", "image_url"})
"""What null empties; a name there must be."""


class Traits(ApiModel):
    gender: AvatarGender | None = None
    age_range: AgeRange | None = None
    ethnicity: Annotated[Words | None, Field(examples=["Javanese"])] = None
    body_type: Annotated[Words | None, Field(examples=["slim"])] = None
    style: Annotated[Words | None, Field(examples=["casual"])] = None


class AvatarDraft(Traits):
    name: Name
    image_url: PictureSource | None = None


class AvatarChange(Traits):
    """Only the fields that are given change."""

    name: Name | None = None
    image_url: PictureSource | None = None

    @property
    def values(self) -> dict[str, object]:
        given = self.model_dump(exclude_unset=True)
        return {name: value for name, value in given.items() if value is not None or name in OPTIONAL}


class AvatarView(Traits):
    id: str
    name: str
    image_id: str | None
    image_url: str | None
    usage_count: int
    """In how many generations it was used."""
    created_at: datetime

    @classmethod
    def of(cls, row: Avatar, url: UrlOf) -> Self:
        image_url = upload_url(url, row.user_id, row.image_id)
        return cls.model_validate(row.model_dump() | {"image_url": image_url})


class AvatarAnswer(ApiModel):
    avatar: AvatarView


class AvatarsAnswer(ApiModel):
    avatars: list[AvatarView]
    pagination: Pagination


class UsageView(ApiModel):
    generation_id: str
    project_id: str
    status: GenerationStatus
    poses_completed: int
    total_expected_poses: int
    used_at: datetime

    @classmethod
    def of(cls, generation: Generation, used_at: datetime) -> Self:
        row = generation.model_dump()
        return cls.model_validate(row | {"generation_id": generation.id, "used_at": used_at})


class UsageAnswer(ApiModel):
    usage: list[UsageView]
    next_cursor: str | None
