"""Uploads: pictures of avatars and backgrounds that users hand in."""

from datetime import datetime
from typing import Self

from schema.kinds import UploadPurpose
from schema.models.base import ApiModel, UrlOf
from schema.tables import Upload


class UploadView(ApiModel):
    id: str
    url: str
    """Of the picture as it is kept: a JPEG, upright, without metadata."""
    purpose: UploadPurpose
    width: int
    height: int
    size_bytes: int
    created_at: datetime

    @classmethod
    def of(cls, row: Upload, url: UrlOf) -> Self:
        return cls.model_validate(row.model_dump() | {"url": url(row.key)})


class UploadAnswer(ApiModel):
    upload: UploadView


class UploadsAnswer(ApiModel):
    uploads: list[UploadView]
    next_cursor: str | None
