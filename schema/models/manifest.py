"""The card for the host platform: what the app is, where, what it costs and what this deployment can do."""

from schema.kinds import BackgroundMode, GenerationType
from schema.models.base import ApiModel


class ManifestPrices(ApiModel):
    """In credits."""

    picture: int
    background: int
    """On top of a picture's price, or for a later change of its background."""


class ManifestLimits(ApiModel):
    pictures: int
    """Of one generation: poses x variations."""
    poses: int
    variations_gallery: int
    variations_text: int
    default_variations: int
    formats: int
    pictures_per_minute: int
    """That a user may order."""
    prompt_characters: int
    body_bytes: int
    upload_bytes: int
    share_hours: int
    zip_downloads_per_user: int
    """At once."""


class ManifestFeatures(ApiModel):
    provider: str
    pose_guidance: bool
    """The provider follows a map of the pose; otherwise the pose is described to it in words."""
    reference_image: bool
    """The provider can look at the avatar's picture."""
    generation_types: list[GenerationType]
    background_modes: list[BackgroundMode]
    formats: list[str]
    picture_width: int
    picture_height: int


class ManifestAnswer(ApiModel):
    id: str
    name: str
    version: str
    description: str
    icon_url: str
    dashboard_url: str
    api_url: str
    docs_url: str
    openapi_url: str
    prices: ManifestPrices
    limits: ManifestLimits
    features: ManifestFeatures
