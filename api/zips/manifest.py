"""What the ZIP says about itself."""

from collections.abc import Sequence
from dataclasses import dataclass

from api.zips.contents import Contents
from schema import filenames, keys
from schema.models.archives import Manifest, ManifestFile, ManifestGeneration, MissingFile
from schema.tables import Item

NAME = "manifest.json"
UNKNOWN_HASH = "0" * 64
"""As long as any other."""


@dataclass(frozen=True)
class File:
    """One object that is to become a file of the ZIP."""

    item: Item
    format_name: str
    key: str
    size: int


def entry(file: File, pose_name: str, sha256: str) -> ManifestFile:
    item = file.item
    return ManifestFile(
        name=filenames.of_picture(item.index, pose_name, file.format_name, keys.extension(file.key)),
        item_id=item.id,
        index=item.index,
        pose_id=item.pose_id,
        pose_name=pose_name,
        format=file.format_name,
        seed=item.seed_used,
        prompt=item.prompt_used,
        provider=item.provider,
        model=item.model,
        size=file.size,
        media_type=keys.content_type(file.key),
        sha256=sha256,
    )


def document(contents: Contents, files: Sequence[ManifestFile], missing: Sequence[MissingFile]) -> bytes:
    said = Manifest(
        generation=ManifestGeneration.model_validate(contents.generation), files=files, missing=missing
    )
    return said.model_dump_json(by_alias=True, indent=2).encode()
