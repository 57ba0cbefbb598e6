"""The manifest.json of a ZIP download."""

from collections.abc import Sequence
from datetime import datetime

from schema.kinds import GenerationStatus, GenerationType
from schema.models.base import ApiModel


class ManifestGeneration(ApiModel):
    id: str
    project_id: str
    generation_type: GenerationType
    status: GenerationStatus
    """When the download began."""
    prompt: str | None
    text_prompt: str | None
    seed: int
    output_formats: list[str]
    total_expected_poses: int
    created_at: datetime


class ManifestFile(ApiModel):
    name: str
    item_id: str
    index: int
    pose_id: str | None
    pose_name: str
    format: str
    seed: int | None
    prompt: str | None
    provider: str | None
    model: str | None
    size: int
    media_type: str
    sha256: str


class MissingFile(ApiModel):
    item_id: str
    index: int
    format: str | None = None
    """Null when the picture itself was not delivered."""
    code: str
    reason: str


class Manifest(ApiModel):
    generation: ManifestGeneration
    files: Sequence[ManifestFile]
    missing: Sequence[MissingFile]
