"""The export formats on offer."""

from schema.models.base import ApiModel


class FormatView(ApiModel):
    name: str
    label: str
    category: str
    width: int | None
    """Width and height are null where they follow from the picture."""
    height: int | None
    media_type: str
    extension: str
    quality: int | None
    dpi: int | None
    estimated_bytes: int
    aliases: list[str]


class FormatCategoryView(ApiModel):
    name: str
    formats: list[str]


class FormatsAnswer(ApiModel):
    formats: list[FormatView]
    categories: list[FormatCategoryView]
    use_cases: dict[str, list[str]]
    """Recommended sets."""
