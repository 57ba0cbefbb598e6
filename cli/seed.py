"""`posegen seed`: the pose library into the database, its pictures into storage. It may be repeated."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any, Final

from PIL import Image
from rich.progress import Progress
from sqlmodel.ext.asyncio.session import AsyncSession

from adapters.storage import Storage
from adapters.storage.factory import open_storage
from cli.context import AsJson, DataDir, application, database, printed, settings
from imaging import library, mannequin
from imaging.library import LibraryPose
from imaging.openpose import draw_map
from schema import keys
from schema.pose import digest
from schema.queries import seeding
from schema.settings import Settings

app = application()

Told = Callable[[int, int], object]
SIDES: Final = {"reference": 768, "preview": 512, "thumbnail": 256}
DRAWN_AS: Final = "mannequin-1"
"""Changed with the figure's looks, so that the pictures are drawn again."""
WEBP_QUALITY: Final = 82


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


async def run(of: Settings, tell: Told = lambda _done, _total: None) -> tuple[int, int]:
    """Poses changed, and poses whose pictures had to be drawn."""
    storage = open_storage(of)
    try:
        drawn = await _draw_missing(storage, of, library.load().poses, tell)
    finally:
        await storage.close()
    async with database(of) as opened, opened.transaction() as session:
        return await put_rows(session, of), drawn


async def put_rows(session: AsyncSession, of: Settings) -> int:
    """How many poses were new or changed."""
    books = library.load()
    await seeding.put_categories(session, [_category(category) for category in books.categories])
    changed = await seeding.put_poses(session, [_row(of, pose) for pose in books.poses])
    await seeding.retire_missing(session, [pose.id for pose in books.poses])
    return changed


async def _draw_missing(storage: Storage, of: Settings, poses: tuple[LibraryPose, ...], tell: Told) -> int:
    missing = [pose for pose in poses if await storage.stat(_map_key(of, pose)) is None]
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(2) as pool:
        drawings = [loop.run_in_executor(pool, _draw, of, pose) for pose in missing]
        for done, drawing in enumerate(drawings, start=1):
            for key, picture in (await drawing).items():
                await storage.put(key, picture)
            tell(done, len(missing))
    return len(missing)


def _draw(of: Settings, pose: LibraryPose) -> dict[str, bytes]:
    """The map comes last: where it is, the other pictures are."""
    figure = mannequin.draw(pose.keypoints, SIDES["reference"], SIDES["reference"])
    drawn = {_picture_key(kind, pose): _webp(figure, side) for kind, side in SIDES.items()}
    return drawn | {_map_key(of, pose): draw_map(pose.keypoints, of.flux_width, of.flux_height)}


def _webp(figure: Image.Image, side: int) -> bytes:
    file = BytesIO()
    figure.resize((side, side), Image.Resampling.LANCZOS).save(file, "WEBP", quality=WEBP_QUALITY)
    return file.getvalue()


def _picture_key(kind: str, pose: LibraryPose) -> str:
    return keys.library_picture(kind, digest(pose.keypoints, DRAWN_AS, SIDES[kind]))


def _map_key(of: Settings, pose: LibraryPose) -> str:
    return keys.controlnet_map(pose.keypoints, of.flux_width, of.flux_height)


def _category(category: library.Category) -> dict[str, Any]:
    return {
        "id": category.slug,
        "name": category.name,
        "parent_id": category.parent,
        "position": category.position,
    }


def _row(of: Settings, pose: LibraryPose) -> dict[str, Any]:
    row = {
        "id": pose.id,
        "name": pose.name,
        "description": pose.description,
        "category_id": pose.category,
        "keypoints": [list(point) if point else None for point in pose.keypoints],
        "preview_image_key": _picture_key("preview", pose),
        "reference_image_key": _picture_key("reference", pose),
        "thumbnail_key": _picture_key("thumbnail", pose),
        "controlnet_image_key": _map_key(of, pose),
        "difficulty": pose.difficulty,
        "gender_suitability": pose.gender_suitability,
        "tags": list(pose.tags),
        "source_credit": pose.source_credit,
        "license_type": pose.license_type,
        "is_featured": pose.featured,
        "is_premium": pose.premium,
    }
    return row | {"content_hash": digest(pose.keypoints, row)}
