"""`posegen seed`: the pose library into the database, its pictures into storage. It may be repeated."""

import asyncio
from collections.abc import Callable
from typing import Any

from rich.progress import Progress
from sqlmodel.ext.asyncio.session import AsyncSession

from adapters.gallery import Gallery
from adapters.storage.factory import open_storage
from cli.context import AsJson, DataDir, application, printed, settings
from cli.database import database
from imaging import library
from imaging.library import LibraryPose
from schema.pose import digest
from schema.queries import seeding
from schema.settings import Settings

app = application()

Told = Callable[[int, int], object]


@app.command()
def seed(data: DataDir = None, *, as_json: AsJson = False) -> None:
    """Fill the pose library."""
    with Progress(disable=as_json) as progress:
        task = progress.add_task("pictures")
        changed, drawn = asyncio.run(
            run(settings(data), lambda done, total: progress.update(task, completed=done, total=total))
        )
    printed(
        {"posesChanged": changed, "posesDrawn": drawn},
        f"{changed} poses new or changed, {drawn} drawn",
        as_json=as_json,
    )


async def run(of: Settings, tell: Told | None = None) -> tuple[int, int]:
    """Poses changed, and poses whose pictures were drawn: all that are missing if `tell` wants to hear of it.

    Without it none are drawn: the API draws a pose's pictures when somebody first looks at it.
    """
    storage = open_storage(of)
    try:
        gallery = Gallery(storage, width=of.flux_width, height=of.flux_height)
        async with database(of) as opened, opened.transaction() as session:
            changed = await put_rows(session, gallery)
        return changed, await _hang_missing(gallery, tell) if tell else 0
    finally:
        await storage.close()


async def put_rows(session: AsyncSession, gallery: Gallery) -> int:
    """How many poses were new or changed."""
    books = library.load()
    await seeding.put_categories(session, [_category(category) for category in books.categories])
    changed = await seeding.put_poses(session, [_row(gallery, pose) for pose in books.poses])
    await seeding.retire_missing(session, [pose.id for pose in books.poses])
    return changed


async def _hang_missing(gallery: Gallery, tell: Told) -> int:
    missing = [pose for pose in library.load().poses if not await gallery.is_hung(pose.keypoints)]
    drawings = [asyncio.ensure_future(gallery.hang(pose.keypoints)) for pose in missing]
    for done, drawing in enumerate(asyncio.as_completed(drawings), start=1):
        await drawing
        tell(done, len(missing))
    return len(missing)


def _category(category: library.Category) -> dict[str, Any]:
    return {
        "id": category.slug,
        "name": category.name,
        "parent_id": category.parent,
        "position": category.position,
    }


def _row(gallery: Gallery, pose: LibraryPose) -> dict[str, Any]:
    where = gallery.keys_of(pose.keypoints)
    row = {
        "id": pose.id,
        "name": pose.name,
        "description": pose.description,
        "category_id": pose.category,
        "keypoints": [list(point) if point else None for point in pose.keypoints],
        "preview_image_key": where["preview"],
        "reference_image_key": where["reference"],
        "thumbnail_key": where["thumbnail"],
        "controlnet_image_key": where["controlnet"],
        "difficulty": pose.difficulty,
        "gender_suitability": pose.gender_suitability,
        "tags": list(pose.tags),
        "source_credit": pose.source_credit,
        "license_type": pose.license_type,
        "is_featured": pose.featured,
        "is_premium": pose.premium,
    }
    return row | {"content_hash": digest(pose.keypoints, row)}
