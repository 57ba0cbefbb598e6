"""The pose library and its categories."""

from typing import Self

from schema.kinds import Difficulty, Gender
from schema.models.base import ApiModel, Pagination, UrlOf, optional_url
from schema.pose import Point
from schema.tables import Pose


def picture_urls(pose: Pose, url: UrlOf) -> dict[str, str | None]:
    return {
        "preview_image_url": optional_url(url, pose.preview_image_key),
        "reference_image_url": optional_url(url, pose.reference_image_key),
        "controlnet_image_url": optional_url(url, pose.controlnet_image_key),
        "thumbnail_url": optional_url(url, pose.thumbnail_key),
    }


class PoseView(ApiModel):
    id: str
    name: str
    description: str
    category_id: str
    preview_image_url: str | None
    reference_image_url: str | None
    controlnet_image_url: str | None
    thumbnail_url: str | None
    difficulty: Difficulty
    gender_suitability: Gender
    tags: list[str]
    source_type: str
    source_credit: str | None
    license_type: str
    usage_count: int
    favorite_count: int
    rating_avg: float
    popularity_score: float
    is_public: bool
    is_featured: bool
    is_premium: bool

    @classmethod
    def of(cls, row: Pose, url: UrlOf) -> Self:
        return cls.model_validate(row.model_dump() | picture_urls(row, url))


class PoseDetail(PoseView):
    keypoints: list[Point | None]
    """18 OpenPose joints as x, y in 0..1 of the frame; null where not visible."""


class PoseAnswer(ApiModel):
    pose: PoseDetail
    is_favorite: bool
    """Marked by the caller."""


class RelatedAnswer(ApiModel):
    poses: list[PoseView]
    """The most alike first."""


class FavoriteAnswer(ApiModel):
    pose_id: str
    is_favorite: bool
    favorite_count: int
    """Of all users."""


class LibraryAnswer(ApiModel):
    poses: list[PoseView]
    pagination: Pagination


class CategoryView(ApiModel):
    id: str
    name: str
    parent_id: str | None
    description: str | None
    pose_count: int
    """Poses in it and in the categories below it."""
    children: list["CategoryView"]


class CategoriesAnswer(ApiModel):
    categories: list[CategoryView]
